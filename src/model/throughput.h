// SPDX-License-Identifier: Apache-2.0
// Throughput as AWS bounds it: a shard takes 1 MiB and 1,000 records in a second and gives 2 MiB in
// 5 calls; a stream on demand takes twice what it has seen; calls are counted by the second. Pure:
// the time is given. Not thread-safe.
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
#pragma once

#include <cstdint>
#include <limits>

#include "base/time.h"

namespace mill::model {

// Fills by a rate; full at first.
class TokenBucket {
  public:
    // `capacity`: what may have been saved up.
    bool has(double count, double rate_per_s, double capacity, Instant now);
    void take(double count) { tokens_ -= count; }

  private:
    double tokens_ = std::numeric_limits<double>::infinity();
    Instant filled_;
};

class WriteThroughput {
  public:
    // `record_bytes_max`: of the stream. A record that is larger than a second's share takes what
    // was saved up. `scale`: of how many ordinary shards this one has the throughput.
    bool admit(std::int64_t bytes, std::int64_t record_bytes_max, double scale, Instant now);

  private:
    TokenBucket bytes_;
    TokenBucket records_;
};

// A call is admitted by what earlier ones returned; what it returns is counted after. One that
// returned 10 MiB closes the shard for five seconds.
class ReadThroughput {
  public:
    bool admit(double scale, Instant now);
    void returned(std::int64_t bytes) { bytes_ += static_cast<double>(bytes); }

  private:
    Instant window_;  // when the present second began
    double bytes_ = 0;
    int calls_ = 0;
};

// So many calls a second, in seconds that begin with a call.
class CallRate {
  public:
    bool admit(std::int64_t per_s, Instant now);
    bool is_idle(Instant now) const;

  private:
    Instant window_;
    std::int64_t calls_ = 0;
};

struct ShardThroughput {
    WriteThroughput writes;
    ReadThroughput reads;
    CallRate iterators;
};

// The highest rate at which a stream on demand was written in the last 30 days, by quarters of an
// hour: AWS is ready for twice as much.
class DemandPeak {
  public:
    void wrote(std::int64_t bytes, Instant now);
    double mibps(Instant now);

  private:
    void roll(Instant now);
    Instant window_;
    double bytes_ = 0;
    double peak_ = 0;
    Instant peak_at_;
};

// https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
struct OnDemand {
    std::int64_t shards = 1;
    double peak_mibps = 0;
    double warm_mibps = 0;
    double mibps_max = 0;  // of the region
};
// Of how many ordinary shards each of its shards has the throughput: at least of one.
double on_demand_scale(const OnDemand& stream);

}  // namespace mill::model
