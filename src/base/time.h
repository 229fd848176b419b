// SPDX-License-Identifier: Apache-2.0
// Two kinds of time. WallTime is what users see and records carry; it may step. Instant only moves
// forward and serves for durations and deadlines. Neither is read here: both come from
// machine::Clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mill {

using Duration = std::chrono::nanoseconds;
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;  // UTC

struct MonotonicClock {  // a tag: it has no now(), ask machine::Clock
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};
using Instant = MonotonicClock::time_point;

inline std::int64_t epoch_ms(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime from_epoch_ms(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

// "2026-01-12T15:37:17.123Z", and without the fraction "2026-01-12T15:37:17Z".
std::string iso8601_ms(WallTime time);
std::string iso8601_s(WallTime time);
// Any of the forms that clients send: date and time in extended or basic notation, a fraction, "Z"
// or an offset (none means UTC), or a date alone.
std::optional<WallTime> parse_iso8601(std::string_view text);
// "20260112T153717Z", as SigV4 writes it.
std::string iso8601_basic(WallTime time);
// "Mon, 12 Jan 2026 15:37:17 GMT", as HTTP writes it.
std::string http_date(WallTime time);

}  // namespace mill
