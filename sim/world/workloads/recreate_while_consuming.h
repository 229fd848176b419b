// SPDX-License-Identifier: Apache-2.0
// recreate_while_consuming: under a mapping that stays, its stream is deleted and made again by the
// same name, and its function too. Of the last stream every record is delivered, in order, and
// nothing else is (ordered_delivery_checker.h, accounting.h); no batch has records of two streams,
// and none of an older one comes once a batch of a later one has come.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

// The part of a history that is about the last stream, which holds `stored`; `violations` tells of
// batches that belong neither to it nor before it.
struct LastStream {
    History history;
    std::vector<std::string> violations;
};
// `created`: when it was answered that the last stream is there.
LastStream last_stream(const History& history, const std::vector<StoredRecord>& stored,
                       History::Moment created);

class RecreateWhileConsuming final : public Workload {
  public:
    explicit RecreateWhileConsuming(World& world);
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override;
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override { return violations_; }

  private:
    Task<void> recreate();
    Task<void> recreate_stream();
    Task<void> recreate_function();
    Task<void> sleep(std::uint64_t ms_max);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }

    World& world_;
    Pipeline pipeline_;
    History::Moment created_ = 0;  // the last stream
    bool recreations_done_ = false;
    std::vector<std::string> violations_;
    Scope scope_;
};

}  // namespace mill::sim
