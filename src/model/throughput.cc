// SPDX-License-Identifier: Apache-2.0
#include "model/throughput.h"

#include <algorithm>

namespace mill::model {
namespace {

constexpr Duration second = std::chrono::seconds(1);

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

bool TokenBucket::has(double count, Instant now) {
    if (now > filled_) {
        tokens_ = std::min(capacity_, tokens_ + rate_ * seconds_of(now - filled_));
        filled_ = now;
    }
    return tokens_ >= count;
}

void TokenBucket::set_capacity(double capacity) {
    capacity_ = capacity;
    tokens_ = std::min(tokens_, capacity_);
}

bool WriteThroughput::admit(std::int64_t bytes, std::int64_t record_bytes_max, Instant now) {
    bytes_.set_capacity(std::max(bytes_per_s, static_cast<double>(record_bytes_max)));
    const auto size = static_cast<double>(bytes);
    if (!bytes_.has(size, now) || !records_.has(1, now)) return false;
    bytes_.take(size);
    records_.take(1);
    return true;
}

bool ReadThroughput::admit(Instant now) {
    const std::int64_t closed_s =
        std::max<std::int64_t>(1, (bytes_ + bytes_per_s - 1) / bytes_per_s);
    if (now - window_ >= closed_s * second) {
        window_ = now;
        bytes_ = 0;
        calls_ = 0;
    }
    if (bytes_ >= bytes_per_s || calls_ >= calls_per_s) return false;
    ++calls_;
    return true;
}

bool CallRate::admit(std::int64_t per_s, Instant now) {
    if (now - window_ >= second) {
        window_ = now;
        calls_ = 0;
    }
    if (calls_ >= per_s) return false;
    ++calls_;
    return true;
}

}  // namespace mill::model
