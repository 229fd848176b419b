// SPDX-License-Identifier: Apache-2.0
// Judges what clients of queues saw. Shares no code with the server.
//
// - What was acknowledged is received at least once, with its bytes and its id; nothing is received
//   that nobody had sent.
// - What was deleted, and that acknowledged, is in no answer that was asked for later.
// - Of a FIFO queue's group the first receptions are in the order of the sends, and a message that
//   was sent again, since nobody knew what had become of it, is one message.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mill::sim {

// Moments count events, from 1; 0 means never.
struct QueueHistory {
    using Moment = std::uint64_t;
    struct Send {
        std::string queue;
        std::string group;  // of a FIFO queue: sent one after the other, each until it is known
        std::string body;   // names the message
        Moment began = 0;
        Moment acknowledged = 0;
        std::string message_id;  // empty: not told
    };
    struct Reception {  // in the order of the answers, and within an answer
        std::string queue;
        std::string body;
        std::string message_id;
        Moment asked = 0;
    };
    struct Deletion {
        std::string queue;
        std::string message_id;
        Moment acknowledged = 0;
    };
    Moment tick() { return ++now; }

    Moment now = 0;
    std::vector<Send> sends;
    std::vector<Reception> receptions;
    std::vector<Deletion> deletions;
    bool clock_was_set = false;  // then five minutes may have passed in no time
};

std::vector<std::string> queue_violations(const QueueHistory& history);

}  // namespace mill::sim
