// SPDX-License-Identifier: Apache-2.0
// What a mapping has done since the server's start, for monitors.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
#pragma once

#include <cstdint>
#include <string>

namespace mill::lambda {

struct MappingCounts {
    std::string last_result = "No records processed";
    // Records, as AWS counts them: a record that is delivered again counts again.
    std::uint64_t polled = 0;
    std::uint64_t filtered = 0;
    std::uint64_t invoked = 0;    // handed to the function, which said yes
    std::uint64_t failed = 0;     // handed to the function, or tried to, in vain
    std::uint64_t deleted = 0;    // of a queue: handled or filtered, and deleted
    std::uint64_t dropped = 0;    // given up: too often tried, or too old
    std::uint64_t delivered = 0;  // of those, named in a document at the failure destination
    std::uint64_t delivery_failures = 0;  // documents that the destination did not take at once
    std::int64_t iterator_age_ms = 0;     // of the last record of the last batch, when it was done
};

}  // namespace mill::lambda
