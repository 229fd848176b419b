// SPDX-License-Identifier: Apache-2.0
// MergeShards: closes two shards and opens one that has the hash keys of both; the second must
// begin where the first ends. Answered once the stream is durably UPDATING; the merge follows.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html
#include "services/kinesis/lineage.h"
#include "services/kinesis/shard_checks.h"

namespace mill::kinesis {
namespace {

struct MergeShardsInput {
    std::optional<std::string> stream_name;
    std::optional<std::string> shard_to_merge;
    std::optional<std::string> adjacent_shard_to_merge;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = MergeShardsInput;
        return wire::structure(
            "MergeShardsInput", shard_id_member<&I::shard_to_merge>("ShardToMerge").required(),
            shard_id_member<&I::adjacent_shard_to_merge>("AdjacentShardToMerge").required(),
            stream_name_member<&I::stream_name>(), stream_arn_member<&I::stream_arn>());
    }
};

Result<void> check_adjacent(const StreamRow& stream, const ShardRow& shard,
                            const ShardRow& adjacent) {
    const model::HashKey last = range_of(shard).last;
    if (last != model::hash_key_max && last + 1 == range_of(adjacent).first) return {};
    return invalid_argument(
        fmt::format("Shards {} and {} in stream {} under account {} are not an adjacent pair of "
                    "shards eligible for merging",
                    shard_id_of(shard), shard_id_of(adjacent), stream.name, stream.account));
}

Result<StreamUpdate> decide(const Kinesis& kinesis, const MergeShardsInput& input,
                            const StreamRow& stream) {
    MILL_CHECK(check_provisioned(stream));
    if (stream.status == "CREATING") MILL_CHECK(check_active(stream));
    const WallTime horizon = kinesis.horizon(stream);
    MILL_TRY(const ShardRow* shard, named_shard(stream, *input.shard_to_merge, horizon));
    MILL_TRY(const ShardRow* adjacent,
             named_shard(stream, *input.adjacent_shard_to_merge, horizon));
    MILL_CHECK(check_adjacent(stream, *shard, *adjacent));
    MILL_CHECK(check_open(stream, *shard));
    MILL_CHECK(check_open(stream, *adjacent));
    MILL_CHECK(check_active(stream));
    return StreamUpdate{.shard = shard->index, .adjacent = adjacent->index};
}

Task<Result<wire::Empty>> merge_shards(Kinesis& kinesis, Caller caller, MergeShardsInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_CHECK(co_await kinesis.update_stream(
        stream, [&](const StreamRow& row) { return decide(kinesis, input, row); }));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation merge_shards_operation;
const wire::Operation merge_shards_operation = wire::operation<&merge_shards>("MergeShards");

}  // namespace mill::kinesis
