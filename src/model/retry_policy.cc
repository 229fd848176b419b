// SPDX-License-Identifier: Apache-2.0
#include "model/retry_policy.h"

#include <algorithm>

namespace mill::model {

Duration retry_delay(std::int64_t failures, double jitter) {
    constexpr double base_s = 0.5;
    constexpr double max_s = 60;
    const double doubled =
        base_s * static_cast<double>(1ull << std::min<std::int64_t>(failures, 10));
    const double seconds = std::min(doubled, max_s) * (0.9 + 0.2 * jitter);
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

Verdict judge(const RetryPolicy& policy, std::size_t count, const BatchOutcome& outcome,
              std::int64_t failures_before, double jitter) {
    if (std::holds_alternative<Succeeded>(outcome)) return Advance{};
    if (std::holds_alternative<NotRun>(outcome))
        return Retry{0, retry_delay(failures_before, jitter), false};

    std::size_t from = 0;
    if (const auto* reported = std::get_if<FailedFrom>(&outcome)) from = reported->index;
    // Progress makes a new batch of what remains, with a fresh count of failures.
    const std::int64_t failures = from > 0 ? 0 : failures_before;
    const bool whole_invocation_failed = std::holds_alternative<FunctionFailed>(outcome);
    if (policy.bisect_on_error && whole_invocation_failed && count > 1) {
        return Bisect{std::max<std::size_t>(1, count / 2)};
    }
    if (policy.retry_attempts_max >= 0 && failures >= policy.retry_attempts_max) {
        return Discard{from, count, DiscardReason::retry_attempts_exhausted};
    }
    return Retry{from, retry_delay(failures, jitter), true};
}

bool is_over_age(const RetryPolicy& policy, WallTime arrival, WallTime now) {
    return until_over_age(policy, arrival, now) == Duration{0};
}

Duration until_over_age(const RetryPolicy& policy, WallTime arrival, WallTime now) {
    if (policy.record_age_max_s < 0) return Duration::max();
    const WallTime last = arrival + std::chrono::seconds(policy.record_age_max_s);
    return std::max<Duration>(Duration{0},
                              last - now + std::chrono::milliseconds(1));  // arrivals are in ms
}

}  // namespace mill::model
