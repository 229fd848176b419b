// SPDX-License-Identifier: Apache-2.0
// queue_delivery: senders, some of them to a FIFO queue, and consumers that delete most of what
// they receive, forget some of it and give some back. What is promised: queue_checker.h. In the end
// all queues are drained, and nothing may be left in them.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/queue_senders.h"

namespace mill::sim {

class QueueDelivery final : public Workload {
  public:
    explicit QueueDelivery(World& world)
        : world_(world), client_(world), senders_(world, client_) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return senders_.are_done(); }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override { return client_.violations(); }

  private:
    Task<void> consume(std::string queue);
    Task<Result<void>> consume_some(std::string queue);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    Task<void> sleep(std::uint64_t ms_max);

    World& world_;
    QueueClient client_;
    QueueSenders senders_;
    std::vector<std::string> queues_;
    Scope scope_;
};

}  // namespace mill::sim
