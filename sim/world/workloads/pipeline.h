// SPDX-License-Identifier: Apache-2.0
// Pipeline: producers that put keyed, numbered records into a stream, and a function behind an
// event source mapping that consumes them; all of it noted in a History. What workloads about
// delivery have in common.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/world/workloads/history.h"
#include "sim/world/world.h"

namespace mill::sim {

class Pipeline {
  public:
    static constexpr const char* stream_name = "orders";

    explicit Pipeline(World& world);
    ~Pipeline();
    Task<Result<void>> set_up();
    void start();
    bool producers_done() const;
    // "Enabled: OK"
    Task<std::string> mapping_status();

    const std::string& mapping() const { return mapping_; }
    const History& history() const { return history_; }
    // A moment of that history, for what else is noted.
    History::Moment tick() { return history_.tick(); }

  private:
    class Producer;

    World& world_;
    History history_;
    std::string mapping_;
    std::vector<std::unique_ptr<Producer>> producers_;
    Scope scope_;
};

// The number that the data of a pipeline's record begins with.
std::uint64_t number_in(std::string_view data);

}  // namespace mill::sim
