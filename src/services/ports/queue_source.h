// SPDX-License-Identifier: Apache-2.0
// QueueSource: a queue that an event source mapping consumes. SQS provides it; lambda uses it.
// Executor thread only. Errors are those of the SQS API (QueueDoesNotExist once the queue is gone).
// What was taken and is neither deleted nor given back is visible again when the queue's visibility
// time-out is over, or after a crash.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "services/ports/message_queue.h"

namespace mill::ports {

struct SourceQueue {
    bool is_fifo = false;
    std::chrono::seconds visibility{};
};

struct SourceMessage {
    std::string message_id;
    std::string receipt_handle;
    std::string body;
    std::string md5_of_body;
    std::map<std::string, std::string> system_attributes;  // all of them
    std::map<std::string, QueueMessage::Attribute> attributes;
    std::string md5_of_attributes;  // empty: there are none
};

class QueueSource {
  public:
    virtual ~QueueSource() = default;
    virtual Result<SourceQueue> source_queue(const std::string& queue_arn) = 0;
    // What is there now, at most that many messages, as ReceiveMessage gives them. That they were
    // received is forgotten in a crash, which is no failure of the function: see note_failed().
    virtual Task<Result<std::vector<SourceMessage>>> take_messages(std::string queue_arn,
                                                                   std::size_t count) = 0;
    // Until there may be a message, the queue changes or goes, or the deadline comes. Woken by the
    // send itself.
    virtual Task<void> wait_for_messages(std::string queue_arn, Instant deadline) = 0;
    // Durable when done. Receipts that have expired are passed over: their messages come again.
    virtual Task<Result<void>> delete_messages(std::string queue_arn,
                                               std::vector<std::string> receipt_handles) = 0;
    // Handled in vain: that they were received counts, also after a crash.
    virtual void note_failed(const std::string& queue_arn,
                             const std::vector<std::string>& receipt_handles) = 0;
    // As if they had not been taken.
    virtual void untake_messages(const std::string& queue_arn,
                                 const std::vector<std::string>& receipt_handles) = 0;
};

}  // namespace mill::ports
