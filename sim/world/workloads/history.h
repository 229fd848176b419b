// SPDX-License-Identifier: Apache-2.0
// What the outside saw of a run: puts and their answers, deliveries and what the function answered.
// Moments count events, from 1; 0 means never.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mill::sim {

struct History {
    using Moment = std::uint64_t;

    struct Put {
        std::string key;
        std::uint64_t number = 0;  // names the record, together with the key
        Moment began = 0;
        Moment acknowledged = 0;  // 0: refused, or nobody knows
        std::string shard_id;
        std::string sequence_number;
    };
    struct Delivery {
        std::string key;
        std::uint64_t number = 0;
        std::string shard_id;
        std::string sequence_number;
    };
    struct Invocation {
        Moment began = 0;
        Moment answered =
            0;  // when the function began to say that all went well; 0: it failed or died
        std::vector<Delivery> records;
    };

    Moment tick() { return ++now; }

    Moment now = 0;
    std::vector<Put> puts;
    std::vector<Invocation> invocations;
};

}  // namespace mill::sim
