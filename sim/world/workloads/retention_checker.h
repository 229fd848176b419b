// SPDX-License-Identifier: Apache-2.0
// Judges what streams of several retention periods hold, and what room their files take. Shares no
// code with the server: it knows what AWS promises, and how much a cleaned log may take.
//
// - What is read has been put, once, with those bytes, and is not older than the retention period.
// - What was acknowledged and is younger is read, at its place.
// - A shard is read in the order of sequence numbers.
// - Files take no more room than the kept records allow.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/world/client.h"

namespace mill::sim {

struct KeptPut {
    std::string stream;
    std::string key;  // names the record
    Bytes data;
    WallTime began;  // by the wall clock
    bool is_acknowledged = false;
    std::string shard_id;
    std::string sequence_number;
};

// All that the streams hold, as a reader saw it.
struct Look {
    WallTime earliest;  // that the wall clock may have shown when a record was read
    WallTime latest;    // that it has ever shown until the end
    std::map<std::string, std::vector<StoredRecord>>
        records;  // by stream, shard by shard, in order
};

// `kept`: the retention period of each stream. In words; empty if all is well.
std::vector<std::string> retention_violations(
    const std::vector<KeptPut>& puts, const Look& look,
    const std::map<std::string, std::chrono::milliseconds>& kept);

// The most bytes that the files of a log may take when cleaning has come to its end: segments of
// which less than `percent` is kept are gone, but for the one that is written, those kept to be
// written again, and one that is on its way.
std::uint64_t room_max(std::uint64_t kept_bytes, std::uint64_t segment_file_bytes_max,
                       std::uint64_t segment_bytes, std::uint64_t percent);

}  // namespace mill::sim
