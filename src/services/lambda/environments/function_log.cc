// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/environments/function_log.h"

namespace mill::lambda {

FunctionLog::FunctionLog(ports::LogSink& sink, machine::Clock& clock, const Function& function,
                         std::string stream)
    : sink_(sink),
      clock_(clock),
      account_(function.account),
      region_(function.region),
      group_(function.effective_log_group()),
      stream_(std::move(stream)) {}

void FunctionLog::output(BytesView bytes) {
    std::vector<std::string> lines;
    while (!bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        const std::size_t line = newline == BytesView::npos ? bytes.size() : newline + 1;
        const std::size_t room = log_event_bytes_max - partial_.size();
        const std::size_t taken = std::min(line, room);
        partial_.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        if (partial_.back() == '\n' || partial_.size() == log_event_bytes_max) {
            lines.push_back(std::exchange(partial_, {}));
        }
    }
    emit(std::move(lines));
}

void FunctionLog::flush() {
    if (!partial_.empty()) emit({std::exchange(partial_, {})});
}

void FunctionLog::line(std::string text) {
    flush();
    emit({std::move(text)});
}

void FunctionLog::emit(std::vector<std::string> messages) {
    if (messages.empty()) return;
    std::vector<ports::LogEvent> events;
    for (std::string& message : messages) {
        tail_ += message;
        if (message.back() != '\n') tail_ += '\n';
        if (tail_.size() > 2 * log_tail_bytes) tail_.erase(0, tail_.size() - log_tail_bytes);
        events.push_back({clock_.wall(), std::move(message)});
    }
    if (tail_.size() > log_tail_bytes) tail_.erase(0, tail_.size() - log_tail_bytes);
    sink_.append(account_, region_, group_, stream_, std::move(events));
}

}  // namespace mill::lambda
