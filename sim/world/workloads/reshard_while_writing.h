// SPDX-License-Identifier: Apache-2.0
// reshard_while_writing: splits, merges and UpdateShardCount go on while producers put and a
// mapping consumes. Judged by ordered_delivery_checker.h (nothing lost, each key in order across
// reshards) and lineage_checker.h; at the end a reader that follows ChildShards from the oldest
// shards finds every record, each key in order.
#pragma once

#include <map>
#include <set>

#include "sim/world/workload.h"
#include "sim/world/workloads/lineage_checker.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

class ReshardWhileWriting final : public Workload {
  public:
    explicit ReshardWhileWriting(World& world);
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override;
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    // One shard, read to its end.
    struct Reading {
        std::vector<StoredRecord> records;
        std::map<std::string, std::vector<std::string>> children;  // with their parents
        bool has_ended = false;
    };
    Task<void> reshard();
    Task<void> reshard_once();
    Task<void> observe();
    Task<Result<std::vector<LineageHistory::Shard>>> list(std::string filter);
    Task<Result<void>> look();
    Task<Result<wire::Value>> ask(std::string operation, wire::Value input);
    Task<Result<Reading>> read(std::string shard_id);
    Task<Result<void>> read_lineage();
    Result<void> check_order() const;
    Task<void> sleep(std::uint64_t ms_max);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }

    World& world_;
    Pipeline pipeline_;
    LineageHistory lineage_;
    std::vector<StoredRecord> stored_;  // as the reader found them
    std::vector<std::string> refusals_;
    bool reshards_done_ = false;
    Scope scope_;
};

}  // namespace mill::sim
