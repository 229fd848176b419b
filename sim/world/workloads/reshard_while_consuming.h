// SPDX-License-Identifier: Apache-2.0
// reshard_while_consuming: a mapping, with one lane or several, follows its stream through any
// number of reshards: nothing is lost, and every key stays in order from parent to child. Judged by
// ordered_delivery_checker.h and accounting.h.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

class ReshardWhileConsuming final : public Workload {
  public:
    explicit ReshardWhileConsuming(World& world);
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override;
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    Task<void> reshard();

    World& world_;
    Pipeline pipeline_;
    bool reshards_done_ = false;
    Accounts accounts_;
    Scope scope_;
};

}  // namespace mill::sim
