// SPDX-License-Identifier: Apache-2.0
// Tumbling windows: stretches of time, by arrival, that are counted from the epoch and follow each
// other without a gap. A batch never crosses the end of one. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace mill::model {

// A window that has gathered more state than this ends early.
constexpr std::size_t window_state_bytes_max = 1024 * 1024;

// An append that was under way when the window ended carries an arrival within it.
constexpr auto window_grace = std::chrono::milliseconds(500);

struct TimeWindow {
    WallTime start;
    WallTime end;
    bool contains(WallTime time) const { return time >= start && time < end; }
    bool operator==(const TimeWindow&) const = default;
};

// `length` of at least a second.
inline TimeWindow window_at(WallTime arrival, std::chrono::seconds length) {
    const std::int64_t ms = std::chrono::milliseconds(length).count();
    std::int64_t within = epoch_ms(arrival) % ms;
    if (within < 0) within += ms;
    const WallTime start = from_epoch_ms(epoch_ms(arrival) - within);
    return {start, start + length};
}

// Whether the open window is over: the shard has ended, a record beyond it is the next one, or its
// time has passed and nothing is left to read. `open_for`: a clock that was set back must not keep
// it open.
inline bool window_is_over(const TimeWindow& open, const std::optional<WallTime>& next_arrival,
                           bool shard_ended, WallTime now, Duration open_for) {
    if (next_arrival) return *next_arrival >= open.end;
    return shard_ended || now >= open.end + window_grace ||
           open_for >= open.end - open.start + window_grace;
}

}  // namespace mill::model
