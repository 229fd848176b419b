// SPDX-License-Identifier: Apache-2.0
// Judges what subscribers of SubscribeToShard saw. Shares no code with the server.
//
// - What a consumer got of a shard, over all its subscriptions, each begun behind the continuation
//   of the one before, is what the shard holds: from its beginning, each record once, in order,
//   none left out.
// - Every record that was acknowledged was got by every consumer.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mill::sim {

struct FanOutHistory {
    struct Record {
        std::string sequence_number;
        std::string key;  // names it
        bool operator==(const Record&) const = default;
    };
    using Consumer = std::string;
    using Shard = std::string;

    std::map<Consumer, std::map<Shard, std::vector<Record>>> got;
    std::vector<std::pair<Shard, Record>> acknowledged;
    std::map<Shard, std::vector<Record>> stored;  // in the end
};

// In words; empty if all is well. Stops after `most`.
std::vector<std::string> fan_out_violations(const FanOutHistory& history, std::size_t most = 10);

}  // namespace mill::sim
