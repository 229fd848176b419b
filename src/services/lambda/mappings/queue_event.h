// SPDX-License-Identifier: Apache-2.0
// The event that a queue's mapping hands to its function, and what the answer says of its messages.
// Pure. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/ports/queue_source.h"

namespace mill::lambda {

// One message of an event.
struct RenderedMessage {
    std::string id;
    std::string receipt_handle;
    std::string json;
};

// The message without its body, without the closing brace: what filters see as well.
std::string render_around(const ports::SourceMessage& message, std::string_view queue_arn,
                          std::string_view region);
RenderedMessage render_message(ports::SourceMessage message, std::string around);
std::string render_queue_event(std::span<const RenderedMessage> messages);

// Whether each of the messages was handled, if the function reports failed items.
std::vector<bool> handled_messages(std::string_view payload,
                                   std::span<const RenderedMessage> messages);

}  // namespace mill::lambda
