// SPDX-License-Identifier: Apache-2.0
// The polling of one enabled mapping of a stream: one ShardPoller per shard, parents to their end
// before their children, both parents of a merge. Whatever opens a shard closes its parents, so the
// end of a poller is what makes the run look for shards; nothing polls for them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "services/lambda/mappings/shard_poller.h"

namespace mill::lambda {

struct ShardStatus {
    std::string shard_id;
    ports::Position position = 0;  // everything below is done with
    ports::Position tail = 0;
    std::vector<LaneStatus> lanes;
};

class StreamRun final : public MappingRun {
  public:
    // `counts` and `discards` outlive it.
    StreamRun(const MappingServices& services, Mapping mapping, std::string role_arn,
              MappingCounts& counts, Discards& discards);
    void start() override { tasks_.spawn(run()); }
    Task<void> finish() override;
    std::vector<ShardStatus> shards() const override;

  private:
    Task<void> run();
    Task<void> poll(std::string shard_id);
    // Polls what shards there are until a poller has ended; false: there is nothing to read.
    Task<bool> follow();
    // Everything that is kept is of a stream that is gone.
    Task<void> forget_all();
    // Makes the stream the one that is read; false: storage does not take it.
    Task<bool> take_up(std::string incarnation);
    void start_pollers(const std::vector<ports::SourceShard>& shards);
    // What is kept of shards that are gone.
    Task<void> forget_others(std::vector<ports::SourceShard> listed);

    PollerShared shared_;
    std::map<std::string, std::unique_ptr<ShardPoller>> pollers_;
    std::set<std::string> finished_;
    bool has_progressed_ = false;  // a poller has ended since the shards were listed
    machine::Signal progress_;
    Scope tasks_;  // last: its tasks use everything above
};

}  // namespace mill::lambda
