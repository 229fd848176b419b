// SPDX-License-Identifier: Apache-2.0
// Judges what clients saw of a stream's shards while it was resharded. Shares no code with the
// server: it knows AWS's promises only.
//
// - In every listing the open shards cover each hash key once.
// - A shard never changes, but for its end, which it gets once; its number is never given again.
// - Parents are closed. The children of a split share the parent's keys, a merge's child has those
//   of both, and a child's numbers begin behind the end of its parents'.
// - A record lies in a shard that has its hash key, within the shard's numbers, and not in one that
//   was seen closed before it was put.
// - A reshard that was acknowledged has happened in the end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/world/workloads/history.h"

namespace mill::sim {

struct LineageHistory {
    using HashKey = unsigned __int128;

    struct Shard {
        std::string id;
        std::vector<std::string> parents;
        HashKey first = 0;
        HashKey last = 0;
        std::string starting;  // sequence numbers
        std::string ending;    // empty: open
        bool operator==(const Shard&) const = default;
    };
    struct Listing {
        History::Moment answered = 0;
        std::vector<Shard> shards;  // all, by id
    };
    std::vector<Listing> listings;
    std::vector<std::string> closed;  // by reshards that were acknowledged
};

// In words; empty if all is well. Stops after `most`.
std::vector<std::string> lineage_violations(const LineageHistory& lineage, const History& history,
                                            std::size_t most = 10);

}  // namespace mill::sim
