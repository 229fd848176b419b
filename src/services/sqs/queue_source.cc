// SPDX-License-Identifier: Apache-2.0
// Queues as sources of events, and what their mappings ask for.
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

ports::SourceMessage message_of(Received received, bool is_fifo) {
    Content& content = received.content;
    ports::SourceMessage message{.message_id = std::move(content.message_id),
                                 .receipt_handle = std::move(received.handle),
                                 .body = {},
                                 .md5_of_body = md5_hex(content.body),
                                 .system_attributes = system_attributes_of(received, is_fifo),
                                 .attributes = {},
                                 .md5_of_attributes = md5_of(content.attributes)};
    message.body = std::move(content.body);
    for (auto& [name, attribute] : content.attributes) {
        message.attributes[name] = {std::move(attribute.data_type), attribute.is_binary,
                                    std::move(attribute.value)};
    }
    return message;
}

}  // namespace

Result<ports::SourceQueue> Sqs::source_queue(const std::string& queue_arn) {
    MILL_TRY(const auto queue, find_by_arn(queue_arn));
    return ports::SourceQueue{queue->is_fifo(),
                              std::chrono::seconds(queue->settings().visibility_seconds)};
}

Task<Result<std::vector<ports::SourceMessage>>> Sqs::take_messages(std::string queue_arn,
                                                                   std::size_t count) {
    MILL_CO_TRY(const auto queue, find_by_arn(queue_arn));
    // With a time-out of 0 a message would be there again while it is handled.
    const std::int64_t visibility = std::max<std::int64_t>(1, queue->settings().visibility_seconds);
    Receive options{.count = count, .visibility = std::chrono::seconds(visibility), .notes = false};
    MILL_CO_TRY(auto received, co_await receive(queue, std::move(options)));
    std::vector<ports::SourceMessage> messages;
    messages.reserve(received.size());
    for (Received& one : received) messages.push_back(message_of(std::move(one), queue->is_fifo()));
    co_return messages;
}

Task<void> Sqs::wait_for_messages(std::string queue_arn, Instant deadline) {
    const auto queue = find_by_arn(queue_arn);
    if (!queue || !co_await (*queue)->ready()) co_return;
    co_await (*queue)->wait_for_ready(deadline);
}

Task<Result<void>> Sqs::delete_messages(std::string queue_arn,
                                        std::vector<std::string> receipt_handles) {
    MILL_CO_TRY(const auto queue, find_by_arn(queue_arn));
    MILL_CO_CHECK(co_await queue->ready());
    std::vector<Number> numbers;
    for (const std::string& handle : receipt_handles) {
        const auto number = queue->message_of(handle);
        if (number && *number) numbers.push_back(**number);
    }
    co_return co_await queue->erase(std::move(numbers));
}

void Sqs::note_failed(const std::string& queue_arn,
                      const std::vector<std::string>& receipt_handles) {
    if (const auto queue = find_by_arn(queue_arn)) (*queue)->note_failed(receipt_handles);
}

void Sqs::untake_messages(const std::string& queue_arn,
                          const std::vector<std::string>& receipt_handles) {
    if (const auto queue = find_by_arn(queue_arn)) (*queue)->untake(receipt_handles);
}

}  // namespace mill::sqs
