// SPDX-License-Identifier: Apache-2.0
// LogDestination: what a subscription filter of CloudWatch Logs delivers to. Lambda and Kinesis
// provide it, each for its own ARNs. Executor thread only.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/caller.h"
#include "base/result.h"
#include "machine/task.h"

namespace mill::ports {

struct LogSource {
    Caller owner;  // of the log group: its account and region
    std::string group;
};

struct LogDelivery {
    std::string destination_arn;
    std::string partition_key;  // for streams
    Bytes document;             // JSON in gzip
};

class LogDestination {
  public:
    virtual ~LogDestination() = default;
    // Whether a filter of this group may deliver there: InvalidParameterException in the words of
    // PutSubscriptionFilter.
    virtual Result<void> check(const LogSource& source, const std::string& arn) = 0;
    // Durable when done. Errors are those of the service's API.
    virtual Task<Result<void>> deliver(LogDelivery delivery) = 0;
};

// By the service in the destination's ARN: "lambda", "kinesis".
using LogDestinations = std::map<std::string, LogDestination*, std::less<>>;

}  // namespace mill::ports
