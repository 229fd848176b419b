// SPDX-License-Identifier: Apache-2.0
// The simulation's own random numbers (splitmix64): the same on every machine and library, one
// stream per purpose.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace mill::sim {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    // Mostly near `least`, now and then up to `most`: delays in the world are skewed.
    Duration delay(Duration least, Duration most) {
        const auto span = static_cast<std::uint64_t>((most - least).count());
        return least +
               Duration(static_cast<std::int64_t>(below(1 + (one_in(16) ? span : span / 16))));
    }

  private:
    std::uint64_t state_;
};

}  // namespace mill::sim
