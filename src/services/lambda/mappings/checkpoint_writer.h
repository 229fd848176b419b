// SPDX-License-Identifier: Apache-2.0
// Writes the checkpoint of one shard behind its lanes: what several lanes move at once is one
// commit. A lane lets at most one of its moves be under way while it delivers on, so that a crash
// repeats little.
#pragma once

#include "services/lambda/mappings/poller_shared.h"

namespace mill::lambda {

class CheckpointWriter {
  public:
    CheckpointWriter(PollerShared& shared, std::string shard_id)
        : shared_(shared), shard_id_(std::move(shard_id)), changed_(shared.machine.executor) {}

    // From the stored one, or where the shard begins; for so many lanes. Before anything else.
    Task<Result<void>> open(std::size_t lanes);
    const model::LanePositions& positions() const { return positions_; }

    // The lane is done with everything before `next`. Begins to write it.
    void move(std::size_t lane, ports::Position next);
    // Until all that was moved before this call is written. A failed write is logged and no error:
    // the next one covers it, and a crash before that delivers again. "storage.conflict" is one.
    Task<Result<void>> settle();

  private:
    Task<void> write();

    PollerShared& shared_;
    const std::string shard_id_;
    model::LanePositions positions_;
    std::uint64_t moved_ = 0;  // counts move()
    std::uint64_t written_ = 0;
    bool is_writing_ = false;
    Result<void> outcome_;
    machine::Signal changed_;
    Scope background_;  // last: its task uses everything above
};

}  // namespace mill::lambda
