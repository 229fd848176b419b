// SPDX-License-Identifier: Apache-2.0
// Throughput of a shard as AWS bounds it: 1 MiB and 1,000 records written, 2 MiB and 5 calls read
// in a second. Pure: the time is given. Not thread-safe.
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
#pragma once

#include <cstdint>

#include "base/time.h"

namespace mill::model {

// Fills by `rate` a second up to `capacity`; full at first.
class TokenBucket {
  public:
    TokenBucket(double rate, double capacity)
        : rate_(rate), capacity_(capacity), tokens_(capacity) {}
    bool has(double count, Instant now);
    void take(double count) { tokens_ -= count; }
    // What may be saved up from now on.
    void set_capacity(double capacity);

  private:
    double rate_;
    double capacity_;
    double tokens_;
    Instant filled_;
};

class WriteThroughput {
  public:
    // `record_bytes_max`: a record that is larger than a second's share takes what was saved up.
    bool admit(std::int64_t bytes, std::int64_t record_bytes_max, Instant now);

  private:
    static constexpr double bytes_per_s = 1 << 20;
    static constexpr double records_per_s = 1'000;
    TokenBucket bytes_{bytes_per_s, bytes_per_s};
    TokenBucket records_{records_per_s, records_per_s};
};

// A call is admitted by what earlier ones returned; what it returns is counted after. One that
// returned 10 MiB closes the shard for five seconds.
class ReadThroughput {
  public:
    bool admit(Instant now);
    void returned(std::int64_t bytes) { bytes_ += bytes; }

  private:
    static constexpr std::int64_t bytes_per_s = 2 << 20;
    static constexpr std::int64_t calls_per_s = 5;
    Instant window_;  // when the present second began
    std::int64_t bytes_ = 0;
    std::int64_t calls_ = 0;
};

// So many calls a second, in seconds that begin with a call.
class CallRate {
  public:
    bool admit(std::int64_t per_s, Instant now);

  private:
    Instant window_;
    std::int64_t calls_ = 0;
};

}  // namespace mill::model
