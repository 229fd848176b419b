// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/fan_out_checker.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::sim {
namespace {

using Records = std::vector<FanOutHistory::Record>;

const Records& records_of(const std::map<std::string, Records>& shards, const std::string& shard) {
    static const Records none;
    const auto found = shards.find(shard);
    return found == shards.end() ? none : found->second;
}

}  // namespace

std::vector<std::string> fan_out_violations(const FanOutHistory& history, std::size_t most) {
    std::vector<std::string> violations;
    for (const auto& [consumer, shards] : history.got) {
        for (const auto& [shard, got] : shards) {
            const Records& stored = records_of(history.stored, shard);
            const auto [seen, kept] = std::ranges::mismatch(got, stored);
            if (seen == got.end()) continue;
            violations.push_back(fmt::format(
                "{} got {} ({}) of {} where {} lies", consumer, seen->key, seen->sequence_number,
                shard,
                kept == stored.end() ? "nothing" : kept->key + " (" + kept->sequence_number + ")"));
        }
        for (const auto& [shard, record] : history.acknowledged) {
            if (std::ranges::count(records_of(shards, shard), record) == 0)
                violations.push_back(fmt::format("{} never got {}, acknowledged in {} as {}",
                                                 consumer, record.key, shard,
                                                 record.sequence_number));
        }
    }
    violations.resize(std::min(violations.size(), most));
    return violations;
}

}  // namespace mill::sim
