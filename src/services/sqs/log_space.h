// SPDX-License-Identifier: Apache-2.0
// LogSpace: how much of a queue's log is still wanted, piece by piece. Pure bookkeeping: it tells
// what may be forgotten, and when copying the survivors of the oldest piece is worth it: when less
// than half of the log is wanted, so that copying never costs more than what was written before.
#pragma once

#include <algorithm>
#include <deque>

#include "base/assert.h"
#include "model/limits.h"
#include "storage/stream_log.h"

namespace mill::sqs {

class LogSpace {
  public:
    explicit LogSpace(std::uint64_t waste_bytes_min) : waste_bytes_min_(waste_bytes_min) {}

    // Batches come in the order of the log.
    void add_batch(storage::Offset base, std::uint64_t bytes, WallTime arrival) {
        if (chunks_.empty() || chunks_.back().bytes >= limits::sqs::chunk_bytes)
            chunks_.push_back({.first = base});
        chunks_.back().bytes += bytes;
        chunks_.back().last_arrival = arrival;
        bytes_ += bytes;
    }
    void add_live(storage::Offset at, std::uint64_t bytes) {
        chunk_of(at).live += bytes;
        live_ += bytes;
    }
    void drop_live(storage::Offset at, std::uint64_t bytes) {
        chunk_of(at).live -= bytes;
        live_ -= bytes;
    }
    // Everything below may be forgotten, and is forgotten here: what nobody wants and what came
    // before `keep_from`. The newest piece always stays.
    storage::Offset forget_dead(WallTime keep_from) {
        while (chunks_.size() > 1 && chunks_.front().live == 0 &&
               chunks_.front().last_arrival < keep_from) {
            bytes_ -= chunks_.front().bytes;
            chunks_.pop_front();
        }
        return chunks_.empty() ? 0 : chunks_.front().first;
    }
    struct Range {
        storage::Offset first = 0;
        storage::Offset end = 0;
    };
    // The oldest piece, if its survivors should be copied to the end; empty if not.
    Range to_be_moved(WallTime keep_from) const {
        if (bytes_ < waste_bytes_min_ || live_ * 2 > bytes_ || chunks_.size() < 2 ||
            chunks_.front().last_arrival >= keep_from) {
            return {};
        }
        return {chunks_.front().first, chunks_[1].first};
    }
    bool is_dirty(WallTime keep_from) const {
        const bool has_dead = chunks_.size() > 1 && chunks_.front().live == 0 &&
                              chunks_.front().last_arrival < keep_from;
        return has_dead || to_be_moved(keep_from).end > 0;
    }
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t live_bytes() const { return live_; }

  private:
    struct Chunk {
        storage::Offset first = 0;
        std::uint64_t bytes = 0;
        std::uint64_t live = 0;
        WallTime last_arrival = {};
    };
    Chunk& chunk_of(storage::Offset at) {
        const auto next = std::ranges::upper_bound(chunks_, at, {}, &Chunk::first);
        MILL_ASSERT(next != chunks_.begin());  // what is live is never forgotten
        return *std::prev(next);
    }
    std::uint64_t waste_bytes_min_;
    std::deque<Chunk> chunks_;
    std::uint64_t bytes_ = 0, live_ = 0;
};

}  // namespace mill::sqs
