// SPDX-License-Identifier: Apache-2.0
// Pipeline: producers that put keyed, numbered records into a stream, and a function behind an
// event source mapping that consumes them; all of it noted in a History. What workloads about
// delivery have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/world/workloads/accounting.h"
#include "sim/world/workloads/history.h"
#include "sim/world/world.h"

namespace mill::sim {

// What makes a pipeline another one.
struct PipelineShape {
    struct Answer {
        bool is_yes = true;  // the records are handled as far as the function says
        Bytes body = "{}";
    };
    int puts_per_producer = 25;
    bool has_json = false;     // {"n": number} instead of the number and some filling
    bool as_consumer = false;  // the mapping reads as an enhanced fan-out consumer
    MappingSettings mapping = {};
    // In place of a consumer that fails and dies now and then.
    std::function<Answer(const History::Invocation& invocation, const wire::Value& event)> answer =
        {};
};

class Pipeline {
  public:
    static constexpr const char* stream_name = "orders";
    static constexpr const char* function_name = "ordered-consumer";

    // The usual one has batches of any size, and perhaps a window.
    explicit Pipeline(World& world);
    Pipeline(World& world, PipelineShape shape);
    ~Pipeline();
    Task<Result<void>> set_up();
    void start();
    bool producers_done() const;
    // "Enabled: OK"
    Task<std::string> mapping_status();

    const std::string& mapping() const { return mapping_; }
    const History& history() const { return history_; }
    // What the stream holds, and the fates of it once `fates` tells one of each record or ten
    // minutes have passed: records whose put nobody acknowledged are on their way still.
    Task<Result<Accounts>> settle_accounts(std::function<Accounts()> fates);
    // The same where a record's only fate is to be delivered.
    Task<Result<Accounts>> settle_accounts();
    // A moment of that history, for what else is noted.
    History::Moment tick() { return history_.tick(); }

  private:
    class Producer;

    World& world_;
    const PipelineShape shape_;
    History history_;
    std::string mapping_;
    std::vector<std::unique_ptr<Producer>> producers_;
    Scope scope_;
};

// A record of an event.
History::Delivery delivery_of(const wire::Value& record);
// The number that the data of a pipeline's record begins with.
std::uint64_t number_in(std::string_view data);

}  // namespace mill::sim
