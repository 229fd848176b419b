// SPDX-License-Identifier: Apache-2.0
// GetShardIterator: every type becomes an offset when it is issued, so records put after LATEST are
// not missed. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
#include <fmt/format.h>

#include <algorithm>

#include "model/shard_iterator.h"
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/throttle.h"

namespace mill::kinesis {
namespace {

constexpr std::array<std::string_view, 5> iterator_types = {
    "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"};

struct GetShardIteratorInput {
    std::optional<std::string> shard_id;
    std::optional<std::string> shard_iterator_type;
    std::optional<std::string> starting_sequence_number;
    std::optional<std::string> stream_name;
    std::optional<WallTime> timestamp;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = GetShardIteratorInput;
        return wire::structure(
            "GetShardIteratorInput", shard_id_member<&I::shard_id>("ShardId").required(),
            wire::member<&I::shard_iterator_type>("ShardIteratorType")
                .required()
                .one_of(iterator_types),
            wire::member<&I::starting_sequence_number>("StartingSequenceNumber")
                .pattern(sequence_number_pattern),
            stream_name_member<&I::stream_name>(), wire::member<&I::timestamp>("Timestamp"),
            stream_arn_member<&I::stream_arn>());
    }
};

struct GetShardIteratorOutput {
    std::string shard_iterator;

    static constexpr auto shape() {
        return wire::structure(
            "GetShardIteratorOutput",
            wire::member<&GetShardIteratorOutput::shard_iterator>("ShardIterator"));
    }
};

Result<void> check_arguments(const GetShardIteratorInput& input, WallTime now) {
    const std::string& type = *input.shard_iterator_type;
    const bool is_by_number = type.ends_with("SEQUENCE_NUMBER");
    if (is_by_number != input.starting_sequence_number.has_value() &&
        (is_by_number || type != "AT_TIMESTAMP")) {
        return invalid_argument(fmt::format(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
            "StartingSequenceNumber or "
            "(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {} and {} "
            "StartingSequenceNumber.",
            type, is_by_number ? "no" : "also a"));
    }
    if (type != "AT_TIMESTAMP") return {};
    if (!input.timestamp) {
        return invalid_argument(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current "
            "request has no timestamp "
            "parameter.");
    }
    if (*input.timestamp > now) {
        return invalid_argument(fmt::format(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            "timestampInMillis: {}, currentTimestampInMillis: {}",
            epoch_ms(*input.timestamp), epoch_ms(now)));
    }
    return {};
}

Failure bad_number(const std::string& number, const std::string& shard_id, const StreamRow& row,
                   std::string_view why) {
    return invalid_argument(
        fmt::format("StartingSequenceNumber {} used in GetShardIterator on shard {} in stream {} "
                    "under account {} is "
                    "invalid{}",
                    number, shard_id, row.name, row.account, why));
}

Result<storage::Offset> offset_of(const GetShardIteratorInput& input, const StreamRow& row,
                                  const Shard& shard) {
    const std::string& text = *input.starting_sequence_number;
    const auto number = model::parse_sequence_number(text);
    if (!number) return bad_number(text, shard.id(), row, ".");
    if (number->shard.index != shard.identity().index) {
        return invalid_argument(
            fmt::format("Invalid StartingSequenceNumber. It encodes {}, while it was used in a "
                        "call to a shard with {}",
                        model::shard_id(number->shard.index), shard.id()));
    }
    if (number->version != 2 || number->shard != shard.identity()) {
        return bad_number(text, shard.id(), row, " because it did not come from this stream.");
    }
    const bool is_after = input.shard_iterator_type == "AFTER_SEQUENCE_NUMBER";
    // Never past the tail: what is appended there next must be found.
    return std::min(is_after ? number->offset_after() : number->offset_at(), shard.next());
}

Task<Result<storage::Offset>> resolve(StreamPointer stream, ShardPointer shard,
                                      GetShardIteratorInput input) {
    const std::string& type = *input.shard_iterator_type;
    if (type == "LATEST") co_return shard->next();
    if (type == "TRIM_HORIZON") co_return shard->first();
    if (type != "AT_TIMESTAMP") co_return offset_of(input, stream->row(), *shard);
    co_return co_await shard->at_time(std::max(*input.timestamp, stream->horizon()));
}

Task<Result<GetShardIteratorOutput>> get_shard_iterator(Kinesis& kinesis, Caller caller,
                                                        GetShardIteratorInput input) {
    MILL_CO_CHECK(check_arguments(input, kinesis.now()));
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    const StreamRow& row = stream->row();
    const ShardPointer shard =
        stream->is("CREATING") ? nullptr : stream->find_shard(*input.shard_id);
    if (!shard) co_return shard_not_found(*input.shard_id, row.name, row.account);
    if (stream->is_limited())
        MILL_CO_CHECK(admit_iterator(*stream, *shard, kinesis.machine().clock.now()));
    const WallTime issued = kinesis.now();
    MILL_CO_TRY(const auto offset, co_await resolve(stream, shard, std::move(input)));
    const model::ShardIterator iterator{.issued = issued,
                                        .account = row.account,
                                        .region = row.region,
                                        .stream = row.name,
                                        .stream_tag = stream->tag(),
                                        .shard = shard->identity().index,
                                        .offset = offset};
    co_return GetShardIteratorOutput{model::write_shard_iterator(kinesis.token_key(), iterator)};
}

}  // namespace

extern const wire::Operation get_shard_iterator_operation;
const wire::Operation get_shard_iterator_operation =
    wire::operation<&get_shard_iterator>("GetShardIterator");

}  // namespace mill::kinesis
