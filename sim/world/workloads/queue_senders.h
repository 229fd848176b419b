// SPDX-License-Identifier: Apache-2.0
// QueueSenders: what sends messages to queues and notes it in the client's history: in batches, or
// to a FIFO queue one after the other, each until it is known what became of it.
#pragma once

#include "sim/world/workloads/queue_client.h"

namespace mill::sim {

class QueueSenders {
  public:
    QueueSenders(World& world, QueueClient& client) : world_(world), client_(client) {}
    // One or two of them.
    void start(const std::string& queue);
    bool are_done() const { return left_ == 0; }

  private:
    Task<void> send(std::string queue);
    Task<void> send_in_order(std::string queue, int sender);
    Task<Result<void>> send_batch(std::string queue);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    Task<void> sleep(std::uint64_t ms_max);

    World& world_;
    QueueClient& client_;
    int left_ = 0;
    Scope scope_;
};

}  // namespace mill::sim
