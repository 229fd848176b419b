// SPDX-License-Identifier: Apache-2.0
// MessageQueue: puts messages into queues. SQS provides it, SNS fans out through it. Executor
// thread only.
#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "machine/task.h"

namespace mill::ports {

struct QueueMessage {
    struct Attribute {
        std::string data_type;
        bool is_binary = false;
        Bytes value;
    };
    std::string body;
    std::map<std::string, Attribute> attributes;
    std::string group_id;          // empty: none
    std::string deduplication_id;  // empty: none; a FIFO queue takes a message of an id once
};

class MessageQueue {
  public:
    virtual ~MessageQueue() = default;
    // Durable when done; messages for one queue are in it in the order of calls. Errors are those
    // of SendMessage: with a status (the queue is gone ...) they are for good.
    virtual Task<Result<void>> send(std::string queue_arn, QueueMessage message) = 0;
};

}  // namespace mill::ports
