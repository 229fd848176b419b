// SPDX-License-Identifier: Apache-2.0
// tumbling_windows: the function keeps the names of its records in the window's state. Every
// record that the stream holds is in the state of a window that was closed by a last invocation
// that said yes (accounting.h); no state names a record twice, and none of another stretch of time.
// filtered_windows: the same with a filter, and perhaps with a consumer as its source: what the
// filter drops is in no state, and keeps no window open.
#pragma once

#include <set>

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

class TumblingWindows : public Workload {
  public:
    explicit TumblingWindows(World& world) : TumblingWindows(world, false) {}
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override { pipeline_.start(); }
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  protected:
    TumblingWindows(World& world, bool has_filter);

  private:
    PipelineShape shape();
    PipelineShape::Answer answer(const History::Invocation& invocation, const wire::Value& event);
    void look_at_arrivals(const wire::Value& event);
    std::size_t missing() const;
    bool is_dropped(std::uint64_t number) const { return has_filter_ && number % 3 == 0; }

    World& world_;
    const bool has_filter_;
    std::set<RecordId> closed_;
    std::vector<std::string> violations_;
    Pipeline pipeline_;
};

class FilteredWindows final : public TumblingWindows {
  public:
    explicit FilteredWindows(World& world) : TumblingWindows(world, true) {}
};

}  // namespace mill::sim
