// SPDX-License-Identifier: Apache-2.0
// Discards: the records that a mapping has given up, kept so that they can be driven through its
// function once more (`millrace mapping replay-failed`). One row of the Table for each decision,
// "lambda/discard/<uuid>/<shard>/<first position>", written before the checkpoint passes the
// records. A row goes when its records have been handled or have left the stream, or with its
// mapping.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "services/ports/record_source.h"
#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::lambda {

struct Discard {
    std::string shard_id;
    std::vector<std::int64_t> positions;  // ascending
    std::string condition;                // "RetryAttemptsExhausted", "RecordAgeExceeded"
    WallTime at;

    static constexpr auto shape() {
        return wire::structure("Discard", wire::member<&Discard::shard_id>("ShardId"),
                               wire::member<&Discard::positions>("Positions"),
                               wire::member<&Discard::condition>("Condition"),
                               wire::member<&Discard::at>("At"));
    }
};

class Discards {
  public:
    Discards(storage::Table& table, std::string mapping_uuid)
        : table_(table), uuid_(std::move(mapping_uuid)) {}

    // Durable when done. The same records again replace the row. Takes rows of the shard along
    // whose records all lie before `horizon`, oldest first, a few at a time.
    Task<Result<void>> add(Discard discard, ports::Position horizon);
    // Shards but these have expired.
    Task<Result<void>> forget_others(std::set<std::string> kept);
    Result<std::vector<Discard>> all() const;
    // "storage.conflict" if the records have been given up anew meanwhile; the row stays then.
    Task<Result<void>> remove(Discard discard);
    // The stream is gone.
    Task<Result<void>> clear();
    static std::string prefix(const std::string& uuid) { return "lambda/discard/" + uuid + "/"; }

  private:
    std::string key(const Discard& discard) const;

    storage::Table& table_;
    std::string uuid_;
};

}  // namespace mill::lambda
