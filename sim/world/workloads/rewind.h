// SPDX-License-Identifier: Apache-2.0
// rewind: a mapping is set back to TRIM_HORIZON now and then, at last when all is processed. Once
// that is answered every record is delivered once more, and processed; first deliveries stay in
// order all the while.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

// Acknowledged records without an invocation that began after `since` and said yes.
std::size_t not_processed_since(const History& history, History::Moment since);

class Rewind final : public Workload {
  public:
    explicit Rewind(World& world);
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override;
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    Task<void> rewind();
    Task<void> sleep(std::uint64_t ms_max);

    World& world_;
    Pipeline pipeline_;
    History::Moment rewound_ = 0;  // when the last one was asked for, once it is answered
    Scope scope_;
};

}  // namespace mill::sim
