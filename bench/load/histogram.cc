// SPDX-License-Identifier: Apache-2.0
#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mill::bench {
namespace {

// Values below `exact` have a bucket each; above, each power of two is cut into `steps`.
constexpr std::uint64_t exact = 256;
constexpr std::uint64_t steps = exact / 2;
constexpr int exact_bits = 8;

std::size_t index_of(std::uint64_t value) {
    if (value < exact) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value) - exact_bits);
    return exact + (shift - 1) * steps + ((value >> shift) - steps);
}

std::uint64_t middle_of(std::size_t index) {
    if (index < exact) return index;
    const std::uint64_t shift = (index - exact) / steps + 1;
    const std::uint64_t low = ((index - exact) % steps + steps) << shift;
    return low + (std::uint64_t{1} << shift) / 2;
}

}  // namespace

Histogram::Histogram() : buckets_(exact + (64 - exact_bits) * steps) {}

void Histogram::add(std::uint64_t ns) {
    ++buckets_[index_of(ns)];
    ++count_;
    max_ = std::max(max_, ns);
    sum_ += static_cast<double>(ns);
}

std::uint64_t Histogram::at(double quantile) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= rank && buckets_[i]) return std::min(middle_of(i), max_);
    }
    return max_;
}

}  // namespace mill::bench
