// SPDX-License-Identifier: Apache-2.0
// UpdateShardCount: splits and merges until there are TargetShardCount open shards of one width.
// Answered once the stream is durably UPDATING.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

constexpr std::array<std::string_view, 1> scaling_types = {"UNIFORM_SCALING"};

struct UpdateShardCountInput {
    std::optional<std::string> stream_name;
    std::optional<std::int64_t> target_shard_count;
    std::optional<std::string> scaling_type;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = UpdateShardCountInput;
        return wire::structure(
            "UpdateShardCountInput", stream_name_member<&I::stream_name>(),
            wire::member<&I::target_shard_count>("TargetShardCount")
                .required()
                .range(1, wire::unbounded_above),
            wire::member<&I::scaling_type>("ScalingType").required().one_of(scaling_types),
            stream_arn_member<&I::stream_arn>());
    }
};

struct UpdateShardCountOutput {
    std::string stream_name;
    std::int64_t current_shard_count = 0;
    std::int64_t target_shard_count = 0;
    std::string stream_arn;

    static constexpr auto shape() {
        using O = UpdateShardCountOutput;
        return wire::structure("UpdateShardCountOutput",
                               wire::member<&O::stream_name>("StreamName"),
                               wire::member<&O::current_shard_count>("CurrentShardCount"),
                               wire::member<&O::target_shard_count>("TargetShardCount"),
                               wire::member<&O::stream_arn>("StreamARN"));
    }
};

Task<Result<UpdateShardCountOutput>> update_shard_count(Kinesis& kinesis, Caller caller,
                                                        UpdateShardCountInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_TRY(const auto before,
                co_await kinesis.update_shard_count(stream, *input.target_shard_count));
    co_return UpdateShardCountOutput{.stream_name = stream->row().name,
                                     .current_shard_count = before,
                                     .target_shard_count = *input.target_shard_count,
                                     .stream_arn = stream->row().arn()};
}

}  // namespace

extern const wire::Operation update_shard_count_operation;
const wire::Operation update_shard_count_operation =
    wire::operation<&update_shard_count>("UpdateShardCount");

}  // namespace mill::kinesis
