// SPDX-License-Identifier: Apache-2.0
// FunctionLog: what one environment writes into its log stream. Output of the process becomes one
// event a line as it arrives; a line without an end waits until it ends, grows too long, or
// Lambda's own next line comes.
#pragma once

#include <string>

#include "machine/executor.h"
#include "services/lambda/functions/function.h"
#include "services/ports/log_sink.h"

namespace mill::lambda {

constexpr std::size_t log_event_bytes_max = 256 * 1024;
constexpr std::size_t log_tail_bytes = 4 * 1024;

class FunctionLog {
  public:
    FunctionLog(ports::LogSink& sink, machine::Clock& clock, const Function& function,
                std::string stream);
    void output(BytesView bytes);  // of the process
    void line(std::string text);   // Lambda's own, with its newline
    void flush();                  // the unfinished line
    void begin_tail() { tail_.clear(); }
    // The last 4 KiB since begin_tail().
    const std::string& tail() const { return tail_; }
    const std::string& group() const { return group_; }
    const std::string& stream() const { return stream_; }

  private:
    void emit(std::vector<std::string> messages);

    ports::LogSink& sink_;
    machine::Clock& clock_;
    std::string account_, region_, group_, stream_;
    std::string partial_;
    std::string tail_;
};

}  // namespace mill::lambda
