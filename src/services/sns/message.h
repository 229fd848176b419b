// SPDX-License-Identifier: Apache-2.0
// Message: what was published, and how each kind of endpoint is told.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
//
// Notifications are not signed: they carry no Signature, as there is no certificate of Amazon's to
// check it with.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "services/ports/message_queue.h"
#include "wire/value.h"

namespace mill::sns {

using MessageAttribute = ports::QueueMessage::Attribute;
using MessageAttributes = std::map<std::string, MessageAttribute>;

struct Message {
    std::string message_id;
    std::string topic_arn;
    std::string body;                           // for protocols without one of their own
    std::map<std::string, std::string> bodies;  // by protocol, of MessageStructure json
    std::optional<std::string> subject;
    MessageAttributes attributes;
    std::string group_id;
    std::string deduplication_id;
    std::string sequence_number;  // FIFO
    WallTime published;

    const std::string& body_for(const std::string& protocol) const {
        const auto own = bodies.find(protocol);
        return own == bodies.end() ? body : own->second;
    }
};

// The JSON document that queues and HTTP endpoints get.
std::string notification_text(const Message& message, const std::string& protocol,
                              const std::string& unsubscribe_url);
// What Lambda functions get.
std::string lambda_event(const Message& message, const std::string& subscription_arn,
                         const std::string& unsubscribe_url);

}  // namespace mill::sns
