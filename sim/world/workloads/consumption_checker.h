// SPDX-License-Identifier: Apache-2.0
// Judges what a function behind a queue's mapping did with the messages, beside queue_checker.h,
// for which its invocations are receptions. Shares no code with the server.
//
// - What was acknowledged was handled by the function, or is in the dead-letter queue in the end.
// - Of a FIFO queue's group one batch is in flight at a time.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sim/world/workloads/queue_checker.h"

namespace mill::sim {

struct ConsumptionHistory {
    using Moment = QueueHistory::Moment;
    struct Invocation {
        std::vector<std::string> bodies;
        std::set<std::string> groups;  // of FIFO queues, with the queue's name
        Moment began = 0;
        Moment ended = 0;  // 0: nobody knows
    };
    std::vector<Invocation> invocations;
    std::set<std::string> handled;  // bodies
    std::set<std::string> dead;
};

std::vector<std::string> consumption_violations(const QueueHistory& sent,
                                                const ConsumptionHistory& seen);

}  // namespace mill::sim
