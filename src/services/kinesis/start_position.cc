// SPDX-License-Identifier: Apache-2.0
#include "services/kinesis/start_position.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

Failure bad_number(const StartPosition& from, const Shard& shard, const StreamRow& row,
                   std::string_view why) {
    return invalid_argument(
        fmt::format("StartingSequenceNumber {} used in {} on shard {} in stream {} under account "
                    "{} is invalid{}",
                    *from.sequence_number, from.operation, shard.id(), row.name, row.account, why));
}

Result<storage::Offset> offset_of(const StartPosition& from, const StreamRow& row,
                                  const Shard& shard) {
    const auto number = model::parse_sequence_number(*from.sequence_number);
    if (!number) return bad_number(from, shard, row, ".");
    if (number->shard.index != shard.identity().index) {
        return invalid_argument(
            fmt::format("Invalid StartingSequenceNumber. It encodes {}, while it was used in a "
                        "call to a shard with {}",
                        model::shard_id(number->shard.index), shard.id()));
    }
    if (number->version != 2 || number->shard != shard.identity())
        return bad_number(from, shard, row, " because it did not come from this stream.");
    const bool is_after = from.type == "AFTER_SEQUENCE_NUMBER";
    // Never past the tail: what is appended there next must be found.
    return std::min(is_after ? number->offset_after() : number->offset_at(), shard.next());
}

}  // namespace

Result<void> check(const StartPosition& from, WallTime now) {
    const bool is_by_number = from.type.ends_with("SEQUENCE_NUMBER");
    if (is_by_number != from.sequence_number.has_value() &&
        (is_by_number || from.type != "AT_TIMESTAMP")) {
        return invalid_argument(fmt::format(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
            "StartingSequenceNumber or "
            "(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {} and {} "
            "StartingSequenceNumber.",
            from.type, is_by_number ? "no" : "also a"));
    }
    if (from.type != "AT_TIMESTAMP") return {};
    if (!from.timestamp) {
        return invalid_argument(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current "
            "request has no timestamp "
            "parameter.");
    }
    if (*from.timestamp > now) {
        return invalid_argument(fmt::format(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            "timestampInMillis: {}, currentTimestampInMillis: {}",
            epoch_ms(*from.timestamp), epoch_ms(now)));
    }
    return {};
}

Task<Result<storage::Offset>> resolve(std::shared_ptr<Stream> stream, ShardPointer shard,
                                      StartPosition from) {
    if (from.type == "LATEST") co_return shard->next();
    if (from.type == "TRIM_HORIZON") co_return shard->first();
    if (from.type != "AT_TIMESTAMP") co_return offset_of(from, stream->row(), *shard);
    co_return co_await shard->at_time(std::max(*from.timestamp, stream->horizon()));
}

}  // namespace mill::kinesis
