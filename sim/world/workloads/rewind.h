// SPDX-License-Identifier: Apache-2.0
// rewind: a mapping is set back now and then, to TRIM_HORIZON, to the very moment of a record's
// arrival or to a record's sequence number; at last when all is processed. Once that is answered
// every record from there on is delivered once more, and processed, and none of before; first
// deliveries stay in order all the while.
#pragma once

#include <map>

#include "sim/world/workload.h"
#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

// What a rewind means for a shard.
struct RewoundShard {
    std::vector<std::string> sequence_numbers;  // of all its records, in order
    std::size_t due_from = 0;                   // which of them are due again
    std::size_t not_before = 0;                 // and where at the earliest deliveries go on
};
struct Rewound {
    std::string to;
    std::map<std::string, RewoundShard> shards;
    History::Moment asked = 0;
    History::Moment answered = 0;
};

// Records that are due without an invocation that began after it was asked for and said yes.
std::size_t not_processed_since(const History& history, const Rewound& rewound);
// Records delivered after the answer that lie before.
std::vector<std::string> rewind_violations(const History& history, const Rewound& rewound);

class Rewind final : public Workload {
  public:
    explicit Rewind(World& world);
    Task<Result<void>> set_up() override { return pipeline_.set_up(); }
    void start() override;
    bool is_done() override;
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    Task<void> rewind();
    // Somewhere, and what that means.
    Task<Result<Rewound>> choose();
    // What is done with already is as far as deliveries may go back; false: nobody can tell.
    bool look_at_checkpoints(Rewound& rewound);
    Task<void> sleep(std::uint64_t ms_max);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }

    World& world_;
    Pipeline pipeline_;
    Rewound last_;
    Accounts accounts_;
    Scope scope_;
};

}  // namespace mill::sim
