// SPDX-License-Identifier: Apache-2.0
// The newest batches, kept in memory so that a consumer at the tail costs no file access. Bounded
// by bytes; the oldest batch of the whole store goes first, so what is kept of a log is always its
// newest part.
#pragma once

#include <deque>
#include <unordered_map>

#include "storage/stream_log.h"

namespace mill::segment {

class TailCache {
  public:
    explicit TailCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    void add(std::uint64_t log, storage::StoredBatch batch);
    // The batch that holds the offset and those after it, up to the limits; empty if it is not
    // here.
    std::vector<storage::StoredBatch> read(std::uint64_t log, storage::Offset from,
                                           storage::ReadLimits limits) const;

  private:
    struct Added {
        std::uint64_t log;
        std::uint64_t bytes;
    };
    void evict_oldest();

    const std::uint64_t bytes_max_;
    std::uint64_t bytes_ = 0;
    std::deque<Added> order_;
    std::unordered_map<std::uint64_t, std::deque<storage::StoredBatch>> logs_;
};

}  // namespace mill::segment
