// SPDX-License-Identifier: Apache-2.0
// What becomes of a batch after an invocation. Pure: the poller carries it out.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
#pragma once

#include <cstdint>
#include <variant>

#include "base/time.h"

namespace mill::model {

struct RetryPolicy {
    std::int64_t retry_attempts_max = -1;  // -1: until the records expire
    std::int64_t record_age_max_s = -1;    // -1: no bound; measured from the arrival of the record
    bool bisect_on_error = false;
    bool report_item_failures = false;
};

// How an invocation of records [0, count) of a batch ended.
struct Succeeded {};  // everything
struct FailedFrom {
    std::size_t index = 0;
};  // the function reported: records before index succeeded (index < count)
struct FunctionFailed {};  // error, timeout, exit
struct NotRun {};          // throttled or a service error: consumes no retry
using BatchOutcome = std::variant<Succeeded, FailedFrom, FunctionFailed, NotRun>;

enum class DiscardReason { retry_attempts_exhausted, record_age_exceeded };

struct Advance {};  // checkpoint past the whole batch
struct Retry {
    std::size_t from = 0;
    Duration delay{};
    bool counts = true;
};  // records before `from` are done
struct Bisect {
    std::size_t middle = 0;
};  // [0, middle), then [middle, count)
struct Discard {
    std::size_t from = 0;
    std::size_t to = 0;
    DiscardReason reason = DiscardReason::retry_attempts_exhausted;
};  // records before `from` are done, [from, to) are given up, those from `to` on remain
using Verdict = std::variant<Advance, Retry, Bisect, Discard>;

// `failures_before`: earlier failed invocations of this batch that counted. `jitter` in [0, 1)
// spreads retries.
Verdict judge(const RetryPolicy& policy, std::size_t count, const BatchOutcome& outcome,
              std::int64_t failures_before, double jitter);

// Half a second, doubled with each failure, at most a minute; AWS publishes no figures, eight
// attempts in the first minute were recorded (facts/esm.md, section 7).
Duration retry_delay(std::int64_t failures, double jitter);

bool is_over_age(const RetryPolicy& policy, WallTime arrival, WallTime now);

// How long until it is, at least 0; Duration::max() where no age is set.
Duration until_over_age(const RetryPolicy& policy, WallTime arrival, WallTime now);

}  // namespace mill::model
