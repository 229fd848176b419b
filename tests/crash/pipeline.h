// SPDX-License-Identifier: Apache-2.0
// Pipeline: a function behind an event source mapping on a stream of the store under test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/crash/connection.h"
#include "tests/crash/history.h"
#include "tests/crash/sink.h"

namespace mill::crash {

class Pipeline {
  public:
    static constexpr const char* stream = "consumed";

    // `consumer`: the program consumer.cc, which becomes the function.
    explicit Pipeline(std::string consumer) : consumer_(std::move(consumer)) {}
    // On a server that has the stream.
    void set_up(Connection& server);
    // What was delivered so far against what the stream holds.
    std::vector<std::string> judge(const Shards& shards);
    // Until all of it was delivered; gives up after a minute.
    std::vector<std::string> drain(const Shards& shards);
    std::size_t delivered() const;
    std::size_t repeated() const;

  private:
    std::vector<std::string> judge(const Shards& shards, const std::vector<Batch>& batches);

    std::string consumer_;
    Sink sink_;
    std::map<std::string, Deliveries> deliveries_;  // by shard
};

}  // namespace mill::crash
