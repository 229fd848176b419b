// SPDX-License-Identifier: Apache-2.0
// tumbling_windows: the function keeps the names of its records in the window's state. Every
// acknowledged record is in the state of a window that was closed by a last invocation that said
// yes; no state names a record twice, and none of another stretch of time.
#pragma once

#include <set>

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

class TumblingWindows final : public Workload {
  public:
    explicit TumblingWindows(World& world);
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override { pipeline_.start(); }
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    PipelineShape shape();
    PipelineShape::Answer answer(const History::Invocation& invocation, const wire::Value& event);
    void look_at_arrivals(const wire::Value& event);
    std::size_t missing() const;

    World& world_;
    std::set<std::string> closed_;
    std::vector<std::string> violations_;
    Pipeline pipeline_;
};

}  // namespace mill::sim
