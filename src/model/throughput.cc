// SPDX-License-Identifier: Apache-2.0
#include "model/throughput.h"

#include <algorithm>

#include "model/limits.h"

namespace mill::model {
namespace {

namespace shard = limits::kinesis::aws;

constexpr Duration second = std::chrono::seconds(1);
constexpr Duration quarter = std::chrono::minutes(15);
constexpr Duration memory = std::chrono::days(30);
constexpr double mebibyte = 1 << 20;

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

bool TokenBucket::has(double count, double rate_per_s, double capacity, Instant now) {
    tokens_ = std::min(capacity, tokens_ + rate_per_s * seconds_of(now - filled_));
    filled_ = now;
    return tokens_ >= count;
}

bool WriteThroughput::admit(std::int64_t bytes, std::int64_t record_bytes_max, double scale,
                            Instant now) {
    const auto size = static_cast<double>(bytes);
    const double bytes_per_s = scale * shard::bytes_in_per_s;
    const double records_per_s = scale * shard::records_in_per_s;
    const double saved_max = std::max(bytes_per_s, static_cast<double>(record_bytes_max));
    if (!bytes_.has(size, bytes_per_s, saved_max, now)) return false;
    if (!records_.has(1, records_per_s, records_per_s, now)) return false;
    bytes_.take(size);
    records_.take(1);
    return true;
}

bool ReadThroughput::admit(double scale, Instant now) {
    const double seconds_taken = bytes_ / (scale * shard::bytes_out_per_s);
    if (seconds_of(now - window_) >= std::max(1.0, seconds_taken)) {
        window_ = now;
        bytes_ = 0;
        calls_ = 0;
    } else if (seconds_taken >= 1 || calls_ >= shard::reads_per_s) {
        return false;
    }
    ++calls_;
    return true;
}

bool CallRate::admit(std::int64_t per_s, Instant now) {
    if (is_idle(now)) {
        window_ = now;
        calls_ = 0;
    }
    if (calls_ >= per_s) return false;
    ++calls_;
    return true;
}

bool CallRate::is_idle(Instant now) const { return now - window_ >= second; }

void DemandPeak::roll(Instant now) {
    if (now - window_ < quarter) return;
    const double average = bytes_ / mebibyte / seconds_of(quarter);
    if (average >= peak_ || now - peak_at_ > memory) {
        peak_ = average;
        peak_at_ = now;
    }
    window_ = now;
    bytes_ = 0;
}

void DemandPeak::wrote(std::int64_t bytes, Instant now) {
    roll(now);
    bytes_ += static_cast<double>(bytes);
}

double DemandPeak::mibps(Instant now) {
    roll(now);
    return peak_;
}

double on_demand_scale(const OnDemand& stream) {
    const auto shards = static_cast<double>(std::max<std::int64_t>(1, stream.shards));
    const double ready = std::max(2 * stream.peak_mibps, stream.warm_mibps);
    return std::max(1.0, std::min(ready, stream.mibps_max) / shards);
}

}  // namespace mill::model
