// SPDX-License-Identifier: Apache-2.0
// One shard's way to the function: its lanes (lane.h), as many as the mapping's
// ParallelizationFactor, and the checkpoint that they have in common.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/lambda/mappings/lane.h"

namespace mill::lambda {

class ShardPoller {
  public:
    ShardPoller(PollerShared& shared, std::string shard_id);
    // Until the shard is closed and done with. Errors: the source's, "storage.conflict",
    // "mapping.stopped".
    Task<Result<void>> run();
    const model::LanePositions& positions() const { return shard_.checkpoint.positions(); }
    std::vector<LaneStatus> lanes() const;

  private:
    Task<void> run_lane(Lane& lane);
    bool is_delivering() const;

    ShardShared shard_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::size_t running_ = 0;
    Result<void> outcome_;
    machine::Signal changed_;
    Scope tasks_;  // last: its tasks use everything above
};

}  // namespace mill::lambda
