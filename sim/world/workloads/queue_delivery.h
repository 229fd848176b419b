// SPDX-License-Identifier: Apache-2.0
// queue_delivery: senders, some of them to a FIFO queue, and consumers that delete most of what
// they receive, forget some of it and give some back. What is promised: queue_checker.h. In the end
// all queues are drained, and nothing may be left in them.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/queue_client.h"

namespace mill::sim {

class QueueDelivery final : public Workload {
  public:
    explicit QueueDelivery(World& world) : world_(world), client_(world) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return senders_left_ == 0; }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override { return client_.violations(); }

  private:
    Task<void> send(std::string queue);
    Task<void> send_in_order(std::string queue, int sender);
    Task<Result<void>> send_batch(std::string queue);
    Task<void> consume(std::string queue);
    Task<Result<void>> consume_some(std::string queue);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    Task<void> sleep(std::uint64_t ms_max);

    World& world_;
    QueueClient client_;
    std::vector<std::string> queues_;
    int senders_left_ = 0;
    Scope scope_;
};

}  // namespace mill::sim
