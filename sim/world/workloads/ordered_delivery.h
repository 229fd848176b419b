// SPDX-License-Identifier: Apache-2.0
// ordered_delivery: every acknowledged record reaches an invocation that says yes, in order, and
// none is invented. Judged by ordered_delivery_checker.h; at the end the stream still holds all,
// and what was delivered is what it holds (accounting.h).
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

class OrderedDelivery final : public Workload {
  public:
    explicit OrderedDelivery(World& world) : world_(world), pipeline_(world) {}
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override { pipeline_.start(); }
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;
    const History& history() const { return pipeline_.history(); }

  private:
    World& world_;
    Pipeline pipeline_;
    Accounts accounts_;
};

}  // namespace mill::sim
