// SPDX-License-Identifier: Apache-2.0
// poison_record: the function fails on some records for ever, under every combination of bisecting,
// partial answers, retries, ages, lanes and filters. Judged by accounting.h: what was filtered,
// handled, or named in a document at the failure destination, a bucket, is what the stream holds;
// in the end no checkpoint lags behind. Then the function is mended, and everything that was given
// up is replayed: nothing is without an invocation that handled it, and nothing is kept as given
// up.
#pragma once

#include <map>
#include <set>

#include "sim/world/workload.h"
#include "sim/world/workloads/accounting.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

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
// `put`: what the stream holds.
std::vector<std::string> poison_violations(const History& history, const std::set<RecordId>& put,
                                           const PoisonHistory& seen, bool has_filter);

class PoisonRecord : public Workload {
  public:
    explicit PoisonRecord(World& world);
    Task<Result<void>> set_up() override;
    void start() override { pipeline_.start(); }
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  protected:
    World& world_;

  private:
    PipelineShape shape();
    PipelineShape::Answer answer(const History::Invocation& invocation);
    Task<Result<void>> compare_checkpoints();
    Task<Result<void>> replay_all();

    bool has_filter_ = false;
    bool reports_ = false;
    bool is_mended_ = false;
    PoisonHistory seen_;

  protected:
    Pipeline pipeline_;

  private:
    std::set<RecordId> put_;
    std::size_t invocations_ = 0;  // at the last look
    int quiet_looks_ = 0;
    std::vector<std::string> behind_;
};

// replay_failed: the same, and now and then what was given up is replayed while the function fails
// on it still, under all nemeses.
class ReplayFailed final : public PoisonRecord {
  public:
    using PoisonRecord::PoisonRecord;
    void start() override;
    bool is_done() override { return replays_done_ && PoisonRecord::is_done(); }

  private:
    Task<void> replay();

    bool replays_done_ = false;
    Scope scope_;
};

}  // namespace mill::sim
