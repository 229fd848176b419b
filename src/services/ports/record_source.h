// SPDX-License-Identifier: Apache-2.0
// RecordSource: what an event source mapping reads. Kinesis provides it; the pollers of lambda use
// it. Executor thread only. Errors are those of the Kinesis API (ResourceNotFoundException once the
// stream is gone).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "machine/task.h"

namespace mill::ports {

// The next record to read, as the shard's log counts. Stays good for ever; what was trimmed is
// skipped.
using Position = std::uint64_t;

struct SourceShard {
    std::string shard_id;
    std::vector<std::string> parents;  // read these to their end first, if they are still listed
    bool closed = false;
};

struct SourceRecord {
    Position position = 0;
    std::string sequence_number;
    std::string_view partition_key;
    BytesView data;
    WallTime arrival;
};

struct SourceRun {
    std::vector<std::shared_ptr<const Bytes>> payloads;  // that the records' views see
    std::vector<SourceRecord> records;
    Position next = 0;    // where to read on; also past records that were skipped
    bool at_end = false;  // the shard is closed and everything in it was read
};

class RecordSource {
  public:
    virtual ~RecordSource() = default;
    // Whether it can be read: the ARN of a stream, or of a consumer that is registered with one.
    virtual Result<void> check_source(const std::string& arn) = 0;
    // Tells the stream from any other that has had its name, or will have.
    virtual Result<std::string> incarnation(const std::string& stream_arn) = 0;
    virtual Result<std::vector<SourceShard>> shards(const std::string& stream_arn) = 0;
    virtual Result<Position> trim_horizon(const std::string& stream_arn,
                                          const std::string& shard_id) = 0;
    virtual Result<Position> latest(const std::string& stream_arn, const std::string& shard_id) = 0;
    // The first record that arrived at that time or later.
    virtual Task<Result<Position>> at_time(std::string stream_arn, std::string shard_id,
                                           WallTime time) = 0;
    // At most `records_max` records and about `bytes_max` bytes of data; empty at the tail.
    virtual Task<Result<SourceRun>> read_after(std::string stream_arn, std::string shard_id,
                                               Position from, std::uint32_t records_max,
                                               std::uint64_t bytes_max) = 0;
    // Until there is a record at or after `from`, the shard closes, the stream changes or goes, or
    // the deadline comes. Woken by the append itself.
    virtual Task<void> wait_beyond(std::string stream_arn, std::string shard_id, Position from,
                                   Instant deadline) = 0;
};

}  // namespace mill::ports
