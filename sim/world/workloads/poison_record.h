// SPDX-License-Identifier: Apache-2.0
// poison_record: the function fails on some records for ever, under every combination of bisecting,
// partial answers, retries, ages, lanes and filters. Judged by accounting: every acknowledged
// record was filtered, handled, or named in a document at the failure destination, a bucket;
// what the filter drops is neither delivered nor told; in the end no checkpoint lags behind.
#pragma once

#include <map>
#include <set>

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

using RecordId = std::pair<std::string, std::uint64_t>;  // key, number

struct Told {
    std::vector<RecordId> records;
    std::string condition;
    std::int64_t batch_size = 0;
};

// What the function and the destination saw, to be judged.
struct PoisonHistory {
    std::set<RecordId> handled;
    std::vector<Told> told;
    bool bisects = false;  // and answers in whole only
    // Invocations that a crash of the runtime may have ended before the function had the event:
    // failures of the function all the same.
    std::size_t cut_off_max = 0;
};
bool is_poison(std::uint64_t number);
bool is_filtered(std::uint64_t number);  // where there is a filter
std::vector<std::string> poison_violations(const History& history, const PoisonHistory& seen,
                                           bool has_filter);

class PoisonRecord final : public Workload {
  public:
    explicit PoisonRecord(World& world);
    Task<Result<void>> set_up() override;
    void start() override { pipeline_.start(); }
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    PipelineShape shape();
    PipelineShape::Answer answer(const History::Invocation& invocation);
    Task<Result<void>> compare_checkpoints();

    World& world_;
    bool has_filter_ = false;
    bool reports_ = false;
    PoisonHistory seen_;
    Pipeline pipeline_;
    std::size_t invocations_ = 0;  // at the last look
    int quiet_looks_ = 0;
    std::vector<std::string> behind_;
};

}  // namespace mill::sim
