// SPDX-License-Identifier: Apache-2.0
// When a batch is sent: it is full, its window has passed since its first record, it has reached
// the payload bound, or no more can come. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/time.h"

namespace mill::model {

// The synchronous invocation payload:
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint64_t event_bytes_max = 6 * 1024 * 1024;

struct BatchLimits {
    std::uint32_t records_max = 100;
    Duration window{0};
    std::uint64_t bytes_max = event_bytes_max;
};

// What has been gathered: the records that fit, whether the next one no longer did, and when the
// first was taken.
struct Gathered {
    std::uint32_t records = 0;
    std::uint64_t bytes = 0;
    bool next_does_not_fit = false;
    bool source_ended = false;
    Instant first_taken{};
    bool operator==(const Gathered&) const = default;

    // Takes the next record in, if it fits; false once the batch takes no more. One record alone
    // makes a batch whatever its size: what comes of it is said when it is sent.
    bool add(const BatchLimits& limits, std::uint64_t record_bytes, bool is_in_time_window) {
        const bool is_too_much = records > 0 && bytes + record_bytes > limits.bytes_max;
        next_does_not_fit = is_too_much || !is_in_time_window;
        if (next_does_not_fit) return false;
        bytes += record_bytes;
        return ++records < limits.records_max;
    }
};

struct Fire {
    bool operator==(const Fire&) const = default;
};
struct WaitForRecords {
    std::optional<Instant>
        until;  // fire then at the latest; empty: nothing gathered yet, wait as long as it takes
    bool operator==(const WaitForRecords&) const = default;
};
using WindowDecision = std::variant<Fire, WaitForRecords>;

inline WindowDecision decide_window(const BatchLimits& limits, const Gathered& gathered,
                                    Instant now) {
    if (gathered.records == 0) return WaitForRecords{};
    const bool full = gathered.records >= limits.records_max ||
                      gathered.bytes >= limits.bytes_max || gathered.next_does_not_fit ||
                      gathered.source_ended;
    const Instant until = gathered.first_taken + limits.window;
    if (full || now >= until) return Fire{};
    return WaitForRecords{until};
}

}  // namespace mill::model
