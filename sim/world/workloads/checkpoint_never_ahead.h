// SPDX-License-Identifier: Apache-2.0
// checkpoint_never_ahead: looks at the checkpoint rows all the while. No row ever says that a
// record is done with before an invocation that had it said yes, no row that has stood for a while
// goes back, crash or not, and in the end every row stands behind the last record (unless the disk
// refused to write it). What was delivered is what the stream holds (accounting.h).
#pragma once

#include <map>

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

struct CheckpointSample {
    History::Moment seen = 0;
    std::string shard_id;
    std::uint64_t position = 0;  // of the first record that is not done with
    std::int64_t at_ms = 0;
    int life = 0;  // another one after each start, and after each failure of the disk
};

// `shards`: the sequence numbers of each shard's records, in order, the first at position 0.
std::vector<std::string> checkpoint_violations(
    const History& history, const std::vector<CheckpointSample>& samples,
    const std::map<std::string, std::vector<std::string>>& shards);
// Shards whose last sample is not behind their last record.
std::vector<std::string> checkpoints_left_behind(
    const std::vector<CheckpointSample>& samples,
    const std::map<std::string, std::vector<std::string>>& shards);

class CheckpointNeverAhead : public Workload {
  public:
    explicit CheckpointNeverAhead(World& world, PipelineShape shape = {})
        : world_(world), pipeline_(world, std::move(shape)) {}
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override;
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;
    const History& history() const { return pipeline_.history(); }

  private:
    Task<void> watch();
    void sample();

    World& world_;
    Pipeline pipeline_;
    std::vector<CheckpointSample> samples_;
    std::map<std::string, std::vector<std::string>> shards_;
    Accounts accounts_;
    bool is_ending_ = false;
    Scope scope_;
};

}  // namespace mill::sim
