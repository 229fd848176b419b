// SPDX-License-Identifier: Apache-2.0
// queue_consumption: a standard and a FIFO queue feed a function through event source mappings. It
// fails on some messages for ever, now and then on others, dies and hangs; some mappings take
// partial answers. What is promised: consumption_checker.h, queue_checker.h. In the end the
// function has emptied the queues, and what it failed on is in the dead-letter queues.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/consumption_checker.h"
#include "sim/world/workloads/queue_senders.h"

namespace mill::sim {

class QueueConsumption final : public Workload {
  public:
    explicit QueueConsumption(World& world);
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return senders_.are_done(); }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    Task<machine::ExitStatus> consume(ScriptContext context);
    std::size_t note(const wire::Value& event);
    // The body of its answer; empty: it fails.
    std::optional<Bytes> answer(const wire::Value& event);
    Task<Result<void>> create(std::string queue, std::string dead_letters);
    Task<Result<void>> await_empty(std::string queue);
    Task<Result<void>> collect_dead(std::string queue);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }

    World& world_;
    QueueClient client_;
    QueueSenders senders_;
    ConsumptionHistory seen_;
    bool reports_ = false;
};

}  // namespace mill::sim
