// SPDX-License-Identifier: Apache-2.0
// LogSink: where functions' output goes. CloudWatch Logs provides it.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace mill::ports {

struct LogEvent {
    WallTime timestamp;
    std::string message;
};

class LogSink {
  public:
    virtual ~LogSink() = default;
    // Makes group and stream if missing. Readable at once, durable soon after (logs are not
    // acknowledged); never fails and never blocks the caller. Events of one stream keep the order
    // of calls.
    virtual void append(const std::string& account, const std::string& region,
                        const std::string& group, const std::string& stream,
                        std::vector<LogEvent> events) = 0;
};

}  // namespace mill::ports
