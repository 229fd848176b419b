// SPDX-License-Identifier: Apache-2.0
// The consuming of one enabled mapping of a queue: gathers one batch after the other, and delivers
// as many at once as model::BatchConcurrency lets. A batch's messages are in flight in the queue
// until the function has handled them; then they are deleted, durably. What it failed on comes
// again when the queue's visibility time-out is over, and goes to the dead-letter queue when it has
// been received too often; so it does after a crash. Groups of a FIFO queue stay in order since the
// queue gives nothing of a group while some of it is in flight. Asleep while the queue is empty.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/batch_concurrency.h"
#include "model/batch_window.h"
#include "services/lambda/mappings/mapping_run.h"
#include "services/lambda/mappings/queue_event.h"
#include "services/lambda/mappings/run_shared.h"

namespace mill::lambda {

class QueueRun final : public MappingRun {
  public:
    // `counts` outlive it. `timeout`: of the function.
    QueueRun(const MappingServices& services, Mapping mapping, Duration timeout,
             MappingCounts& counts);
    void start() override { tasks_.spawn(run()); }
    Task<void> finish() override;
    std::optional<QueueStatus> queue() const override {
        return QueueStatus{batches_in_flight_, concurrency_.limit()};
    }

  private:
    struct Batch {
        std::vector<RenderedMessage> messages;
        std::uint64_t bytes = 0;
        Instant first_taken;
        Instant visible_again;  // the first of them
        bool next_does_not_fit = false;
    };
    Task<void> run();
    // Until one more batch may be delivered.
    Task<void> wait_for_place();
    // Fills the batch until it is to be delivered.
    Task<Result<void>> gather();
    Task<Result<std::size_t>> take_some(std::size_t count);
    // Those that pass the filter; the others are deleted.
    Task<Result<void>> take_in(std::vector<ports::SourceMessage> messages);
    Task<void> deliver(Batch batch);
    // Tries until it runs; empty: in vain, and it could no longer end before the messages are
    // visible again.
    Task<std::optional<ports::InvokeOutcome>> invoke(const Batch& batch);
    Task<void> conclude(const Batch& batch, const ports::InvokeOutcome& outcome);
    void untake(const Batch& batch);
    void note_problem(std::string message);
    model::BatchLimits limits(const ports::SourceQueue& queue) const;

    RunShared shared_;
    ports::QueueSource& queues_;
    const Duration timeout_;
    model::BatchConcurrency concurrency_;
    Batch batch_;  // being gathered
    std::int64_t batches_in_flight_ = 0;
    machine::Signal ended_;  // a batch has
    Scope tasks_;            // last: its tasks use everything above
};

}  // namespace mill::lambda
