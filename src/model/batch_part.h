// SPDX-License-Identifier: Apache-2.0
// What a verdict makes of the parts of a batch, and which records are past delivering. Pure: the
// poller carries it out.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ranges>
#include <vector>

#include "model/retry_policy.h"

namespace mill::model {

// Records [begin, end) of a batch, which are delivered together.
struct BatchPart {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int64_t failures = 0;     // invocations that failed and count
    std::int64_t throttles = 0;    // that did not come to run
    std::int64_t invocations = 0;  // that ran, of these very records
    std::size_t size() const { return end - begin; }
    bool was_tried() const { return failures + throttles > 0; }
    bool operator==(const BatchPart&) const = default;
};

struct Settled {
    std::vector<BatchPart> left;  // to be delivered, in this order
    std::optional<BatchPart> given_up;
    std::size_t done = 0;  // so many records of the batch are done with, once that is told
    bool operator==(const Settled&) const = default;
};

// Of a part before which everything is done with.
Settled settle(BatchPart part, const Verdict& verdict);

// How many of the leading records are over age at `now`, or no longer kept: before `horizon`.
template <std::ranges::forward_range Records>
std::size_t expired(const RetryPolicy& policy, const Records& records, WallTime now,
                    std::optional<std::uint64_t> horizon) {
    const auto young = std::ranges::find_if(records, [&](const auto& record) {
        return !is_over_age(policy, record.arrival, now) && record.position >= horizon.value_or(0);
    });
    return static_cast<std::size_t>(std::ranges::distance(std::ranges::begin(records), young));
}

}  // namespace mill::model
