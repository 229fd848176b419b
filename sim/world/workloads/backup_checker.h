// SPDX-License-Identifier: Apache-2.0
// Judges what a server holds that was started on a restored backup. Shares no code with the server.
//
// - Everything that was acknowledged before the backup began is there, at its place, with its
// bytes; of a stream that somebody asked to delete before it ended all of that, or no stream.
// - Nothing is there that nobody had begun to send before it ended.
// - It is one moment: of what is there, records and marks, nothing began after something was
// acknowledged that is not.
// - A shard is read in order, as it was acknowledged.
// - No checkpoint stands beyond the last record of its shard.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/world/client.h"

namespace mill::sim {

// What the clients did. Moments count events, from 1; 0 means never.
struct WritingHistory {
    using Moment = std::uint64_t;
    struct Put {
        std::string stream;
        std::string key;  // names the record
        Bytes data;
        Moment began = 0;
        Moment acknowledged = 0;
        std::string shard_id;
        std::string sequence_number;
    };
    // Something that is kept elsewhere than records are.
    struct Mark {
        std::string name;
        Moment began = 0;
        Moment acknowledged = 0;
    };
    Moment tick() { return ++now; }

    Moment now = 0;
    std::vector<Put> puts;
    std::vector<Mark> marks;
    std::map<std::string, Moment> deletions;  // when a stream was first asked to be deleted
};

struct BackupTaken {
    std::string directory;
    WritingHistory::Moment began = 0;
    WritingHistory::Moment ended = 0;
};

struct RestoredState {
    struct Checkpoint {
        std::string shard_id;
        std::uint64_t position = 0;  // of the first record that is not done with
        std::uint64_t records = 0;   // of its shard
    };
    std::map<std::string, std::vector<StoredRecord>>
        records;  // by stream, shard by shard, in order
    std::vector<Checkpoint> checkpoints;
    std::vector<std::string> marks;
};

std::vector<std::string> backup_violations(const WritingHistory& history, const BackupTaken& backup,
                                           const RestoredState& restored);

}  // namespace mill::sim
