// SPDX-License-Identifier: Apache-2.0
// topic_fan_out: publishers to a topic and to a FIFO topic, each with two queues. What was
// acknowledged is in every queue that wants it, and of the FIFO topic in order and once
// (queue_checker.h). In the end all queues are drained.
#pragma once

#include "sim/world/workload.h"
#include "sim/world/workloads/queue_client.h"

namespace mill::sim {

class TopicFanOut final : public Workload {
  public:
    explicit TopicFanOut(World& world) : world_(world), client_(world) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return publishers_left_ == 0; }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override { return client_.violations(); }

  private:
    using Parameters = std::vector<std::pair<std::string, std::string>>;
    struct Topic {
        std::string arn;
        std::vector<std::string> queues;
    };
    Task<Result<Bytes>> call(std::string action, Parameters parameters);
    Task<Result<void>> create(std::string name);
    Task<void> publish(Topic topic, int publisher);
    Task<Result<void>> publish_one(Topic topic, std::string group, std::string body);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    Task<void> sleep(std::uint64_t ms_max);

    World& world_;
    QueueClient client_;
    std::vector<Topic> topics_;
    int publishers_left_ = 0;
    Scope scope_;
};

}  // namespace mill::sim
