// SPDX-License-Identifier: Apache-2.0
// How many batches of a queue a mapping may have in flight: five at first, 300 more a minute while
// all are in use, fewer while the function fails or is throttled. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace mill::model {

constexpr std::int64_t queue_batches_start = 5;
constexpr std::int64_t queue_batches_max = 1000;
constexpr Duration queue_batches_growth_interval = Duration(std::chrono::minutes(1)) / 300;

class BatchConcurrency {
  public:
    explicit BatchConcurrency(std::optional<std::int64_t> maximum)
        : maximum_(maximum.value_or(queue_batches_max)) {}

    std::int64_t limit() const { return limit_; }
    // As many as there may be are in flight at `now`: takes one more if its time has come; when to
    // ask again, empty: when one has ended.
    std::optional<Instant> ask_for_more(Instant now) {
        if (limit_ >= maximum_ || is_backing_off_) return std::nullopt;
        if (!next_) next_ = now + queue_batches_growth_interval;
        if (now < *next_) return next_;
        ++limit_;
        next_ = now + queue_batches_growth_interval;
        return now;
    }
    void note_success() { is_backing_off_ = false; }
    void note_failure() {
        is_backing_off_ = true;
        limit_ = std::max<std::int64_t>(1, limit_ / 2);
    }
    // The queue is empty.
    void note_idle(std::int64_t in_flight) {
        next_.reset();
        if (!is_backing_off_) limit_ = std::max(start(), in_flight);
    }

  private:
    std::int64_t start() const { return std::min(queue_batches_start, maximum_); }
    std::int64_t maximum_;
    std::int64_t limit_ = start();
    bool is_backing_off_ = false;
    std::optional<Instant> next_;
};

}  // namespace mill::model
