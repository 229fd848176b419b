// SPDX-License-Identifier: Apache-2.0
// GetShardIterator: every type becomes an offset when it is issued, so records put after LATEST are
// not missed. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
#include "model/arn.h"
#include "model/shard_iterator.h"
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/start_position.h"
#include "services/kinesis/throttle.h"

namespace mill::kinesis {
namespace {

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

// A stream that does not exist is told as a shard that does not.
Failure not_found(const Caller& caller, const GetShardIteratorInput& input, Error error) {
    const auto index = model::parse_shard_id(*input.shard_id);
    if (error.code != "ResourceNotFoundException" || !index) return Failure(std::move(error));
    const auto arn = model::parse_arn(input.stream_arn.value_or(""));
    return shard_not_found(
        model::shard_id(*index),
        arn ? arn->resource.substr(arn->resource.find('/') + 1) : *input.stream_name,
        arn ? arn->account : caller.account);
}

Task<Result<GetShardIteratorOutput>> get_shard_iterator(Kinesis& kinesis, Caller caller,
                                                        GetShardIteratorInput input) {
    StartPosition from{.operation = "GetShardIterator",
                       .type = *std::move(input.shard_iterator_type),
                       .sequence_number = std::move(input.starting_sequence_number),
                       .timestamp = input.timestamp};
    MILL_CO_CHECK(check(from, kinesis.now()));
    auto found = kinesis.find_stream(caller, input.stream_name, input.stream_arn);
    if (!found) co_return not_found(caller, input, std::move(found).error());
    const StreamPointer stream = *std::move(found);
    const StreamRow& row = stream->row();
    const auto index = model::parse_shard_id(*input.shard_id);
    if (!index) co_return no_such_shard(*input.shard_id, row);
    const ShardPointer shard = stream->is("CREATING") ? nullptr : stream->find_shard(*index);
    if (!shard) co_return shard_not_found(model::shard_id(*index), row.name, row.account);
    if (stream->is_limited())
        MILL_CO_CHECK(admit_iterator(*stream, *shard, kinesis.machine().clock.now()));
    const WallTime issued = kinesis.now();
    MILL_CO_TRY(const auto offset, co_await resolve(stream, shard, std::move(from)));
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
