// SPDX-License-Identifier: Apache-2.0
// Discards: the records that a mapping has given up, kept so that they can be driven through its
// function once more (`millrace mapping replay-failed`). One row of the Table for each decision,
// "lambda/discard/<uuid>/<shard>/<first position>", written before the checkpoint passes the
// records. A row goes when its records have been handled or have left the stream, or with its
// mapping, which owns this. No cost of adding or forgetting one grows with how many are kept; the
// first question for their number counts them, later ones do not.
#pragma once

#include <optional>
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
    // Of records, over all rows.
    Result<std::size_t> records();
    // "storage.conflict" if the records have been given up anew meanwhile; the row stays then.
    Task<Result<void>> remove(Discard discard);
    // The stream is gone.
    Task<Result<void>> clear();
    static std::string prefix(const std::string& uuid) { return "lambda/discard/" + uuid + "/"; }

  private:
    std::string key(const Discard& discard) const;
    // Rows of the shard whose records have all left the stream; not those beginning at `but`.
    Result<std::vector<storage::Table::Entry>> gone(const std::string& shard_id,
                                                    ports::Position horizon,
                                                    const std::string& but) const;
    Task<Result<void>> forget_shard(std::string shard_id);
    // `added` records more than before it, `removed` less.
    Task<Result<void>> commit(storage::Table::Commit commit, std::size_t added,
                              std::size_t removed);

    storage::Table& table_;
    std::string uuid_;
    std::optional<std::size_t> records_;  // once counted
};

}  // namespace mill::lambda
