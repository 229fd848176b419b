// SPDX-License-Identifier: Apache-2.0
// Checkpoints: how far a mapping has come in each shard, lane by lane. Written after the records
// are done with, never before. They belong to one stream, not to whatever has its name: beside them
// "lambda/source/<uuid>" keeps which (ports::RecordSource::incarnation). "lambda/result/<uuid>" is
// what the mapping last told of itself, written along with a checkpoint when it is another one.
#pragma once

#include <map>
#include <set>
#include <string>

#include "model/lane_positions.h"
#include "services/ports/record_source.h"
#include "storage/stream_log.h"

namespace mill::lambda {

class Checkpoints {
  public:
    Checkpoints(storage::Table& table, std::string mapping_uuid)
        : table_(table), uuid_(std::move(mapping_uuid)) {}

    // Reads the stored ones. Before anything else.
    Result<void> load();
    const model::LanePositions* find(const std::string& shard_id) const;
    // The stream that they are of. Empty: none yet, or a store of a time when this was not kept.
    const std::string& source() const { return source_; }
    Task<Result<void>> set_source(std::string incarnation);
    // Moves forward; durable when done. "storage.conflict" if somebody else has moved it: this
    // poller must stop.
    Task<Result<void>> commit(std::string shard_id, model::LanePositions next,
                              std::string last_result);
    // Sets it anew, also backwards: the log ends before the checkpoint (--durability os and a power
    // loss).
    Task<Result<void>> reset(std::string shard_id, model::LanePositions next);
    // The stream is gone, and source() with it: a new one of the same name starts from its
    // beginning.
    Task<Result<void>> forget_all();
    // Shards but these have expired.
    Task<Result<void>> forget_others(std::set<std::string> kept);

    static storage::Table::Entry row(const std::string& uuid, const std::string& shard_id,
                                     const model::LanePositions& next);
    static std::string prefix(const std::string& uuid);
    static storage::Table::Entry source_row(const std::string& uuid, std::string incarnation);
    static storage::Table::Entry result_row(const std::string& uuid, std::string last_result);

  private:
    storage::Table& table_;
    std::string uuid_;
    std::string source_;
    std::string last_result_;
    std::map<std::string, model::LanePositions> positions_;
};

}  // namespace mill::lambda
