// SPDX-License-Identifier: Apache-2.0
// FailureDestination: where a document goes that tells of records (or an event) which a function
// could not handle. SQS, SNS and S3 provide it, each for its own ARNs; lambda uses it and moves a
// checkpoint only after deliver() has returned. Executor thread only.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "machine/task.h"
#include "services/ports/message_queue.h"

namespace mill::ports {

struct FailureNotice {
    std::string destination_arn;  // of a queue, a topic or a bucket
    Bytes document;               // JSON, UTF-8
    std::string object_key;       // what S3 names the object; others ignore it
    std::map<std::string, QueueMessage::Attribute> attributes;  // S3 ignores them
};

class FailureDestination {
  public:
    virtual ~FailureDestination() = default;
    // Durable when done. Errors are those of the service's API (the queue is gone ...): nothing was
    // kept then, and the caller tries again.
    virtual Task<Result<void>> deliver(FailureNotice notice) = 0;
};

// By the service in the destination's ARN: "sqs", "sns", "s3".
using FailureDestinations = std::map<std::string, FailureDestination*, std::less<>>;

}  // namespace mill::ports
