// SPDX-License-Identifier: Apache-2.0
// The polling of one enabled mapping: one ShardPoller per shard, parents to their end before their
// children, both parents of a merge. Whatever opens a shard closes its parents, so the end of a
// poller is what makes the run look for shards; nothing polls for them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "services/lambda/mappings/shard_poller.h"

namespace mill::lambda {

class MappingRun {
  public:
    MappingRun(Machine& machine, storage::Table& table, ports::RecordSource& source,
               ports::Invoker& invoker, Mapping mapping, std::string role_arn);
    void start() { tasks_.spawn(run()); }
    // No new delivery begins; returns when those under way have been settled. Then the run may be
    // destroyed.
    Task<void> finish();
    const std::string& last_result() const { return shared_.last_result; }

  private:
    Task<void> run();
    Task<void> poll(std::string shard_id);
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
