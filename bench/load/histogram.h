// SPDX-License-Identifier: Apache-2.0
// Counts of durations, in buckets of less than 0.8 % of their value, as HdrHistogram keeps them.
#pragma once

#include <cstdint>
#include <vector>

namespace mill::bench {

class Histogram {
  public:
    Histogram();
    void add(std::uint64_t ns);
    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }
    double mean() const { return count_ ? sum_ / static_cast<double>(count_) : 0; }
    // The middle of the bucket that holds the quantile (0.5: the median); 0 if there is nothing.
    std::uint64_t at(double quantile) const;

  private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace mill::bench
