// SPDX-License-Identifier: Apache-2.0
// SplitShard: closes a shard and opens two that share its hash keys. Answered once the stream is
// durably UPDATING; the split itself follows.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html
#include "services/kinesis/lineage.h"
#include "services/kinesis/shard_checks.h"

namespace mill::kinesis {
namespace {

struct SplitShardInput {
    std::optional<std::string> stream_name;
    std::optional<std::string> shard_to_split;
    std::optional<std::string> new_starting_hash_key;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = SplitShardInput;
        return wire::structure("SplitShardInput",
                               wire::member<&I::new_starting_hash_key>("NewStartingHashKey")
                                   .required()
                                   .pattern(hash_key_pattern),
                               stream_name_member<&I::stream_name>(),
                               shard_id_member<&I::shard_to_split>("ShardToSplit").required(),
                               stream_arn_member<&I::stream_arn>());
    }
};

Result<void> check_hash_key(const StreamRow& stream, const ShardRow& shard,
                            const std::string& text) {
    const auto key = model::parse_hash_key(text);
    if (key && model::may_split(range_of(shard), *key)) return {};
    return invalid_argument(fmt::format(
        "NewStartingHashKey {} used in SplitShard() on shard {} in stream {} under account {} is "
        "not both greater than one plus the shard's StartingHashKey {} and less than the shard's "
        "EndingHashKey {}.",
        text, shard_id_of(shard), stream.name, stream.account, shard.first_hash_key,
        shard.last_hash_key));
}

Result<StreamUpdate> decide(const Kinesis& kinesis, const SplitShardInput& input,
                            const StreamRow& stream) {
    MILL_CHECK(check_provisioned(stream));
    if (stream.status == "CREATING") MILL_CHECK(check_active(stream));
    MILL_TRY(const ShardRow* shard,
             named_shard(stream, *input.shard_to_split, kinesis.horizon(stream)));
    MILL_CHECK(kinesis.check_shard_limit(stream.account, stream.region, 1));
    MILL_CHECK(check_hash_key(stream, *shard, *input.new_starting_hash_key));
    MILL_CHECK(check_open(stream, *shard));
    MILL_CHECK(check_active(stream));
    return StreamUpdate{.shard = shard->index, .new_hash_key = input.new_starting_hash_key};
}

Task<Result<wire::Empty>> split_shard(Kinesis& kinesis, Caller caller, SplitShardInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_CHECK(co_await kinesis.update_stream(
        stream, [&](const StreamRow& row) { return decide(kinesis, input, row); }));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation split_shard_operation;
const wire::Operation split_shard_operation = wire::operation<&split_shard>("SplitShard");

}  // namespace mill::kinesis
