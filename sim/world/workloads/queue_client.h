// SPDX-License-Identifier: Apache-2.0
// QueueClient: calls of SQS that note what was seen (queue_checker.h). Outlives its tasks' use of
// it.
#pragma once

#include <string>

#include "sim/world/workloads/queue_checker.h"
#include "sim/world/world.h"

namespace mill::sim {

class QueueClient {
  public:
    explicit QueueClient(World& world) : world_(world) {}

    QueueHistory& history() { return history_; }
    static wire::Value input_of(const std::string& queue);
    static wire::Value::List list_in(const wire::Value& answer, std::string_view name);
    // It begins with a name; the rest fills the log.
    std::string new_body();

    Task<Result<wire::Value>> call(std::string operation, wire::Value input);
    Task<Result<void>> create(std::string queue);
    struct Receive {
        std::int64_t count = 10;
        std::int64_t wait_seconds = 0;
        std::int64_t visibility_seconds = 0;  // 0: the queue's
    };
    Task<Result<wire::Value::List>> receive(std::string queue, Receive options);
    Task<Result<void>> erase(std::string queue, wire::Value::List messages);
    // As far as the queue itself tells.
    Task<Result<bool>> is_empty(std::string queue);
    // Receives and deletes until there is nothing left.
    Task<Result<void>> drain(std::string queue);

    // A refusal that nobody can be blamed for: the server was down, or its disk failing.
    static bool is_expected(const Error& error);
    void note_refusal(const std::string& what, const Error& error);
    // With the refusals that were not expected.
    std::vector<std::string> violations();

  private:
    World& world_;
    QueueHistory history_;
    std::vector<std::string> refusals_;
    int number_ = 0;
};

}  // namespace mill::sim
