// SPDX-License-Identifier: Apache-2.0
// DescribeStream: the description and a page of shards, closed ones too, at most 100; no shards
// while CREATING.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html
#include <algorithm>

#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct DescribeStreamInput {
    std::optional<std::int64_t> limit;
    std::optional<std::string> exclusive_start_shard_id;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = DescribeStreamInput;
        return wire::structure(
            "DescribeStreamInput",
            wire::member<&I::limit>("Limit").range(1, limits::kinesis::list_max),
            shard_id_member<&I::exclusive_start_shard_id>("ExclusiveStartShardId"),
            stream_name_member<&I::stream_name>(), stream_arn_member<&I::stream_arn>());
    }
};

struct StreamDescription {
    std::string stream_name;
    std::string stream_arn;
    std::string stream_status;
    StreamModeDetails stream_mode_details;
    std::vector<wire::Encoded<ShardDescription>> shards;
    bool has_more_shards = false;
    std::int64_t retention_period_hours = 0;
    WallTime stream_creation_timestamp;
    std::vector<EnhancedMetrics> enhanced_monitoring;
    std::string encryption_type;
    std::optional<std::string> key_id;

    static constexpr auto shape() {
        using D = StreamDescription;
        return wire::structure(
            "StreamDescription", wire::member<&D::stream_name>("StreamName"),
            wire::member<&D::stream_arn>("StreamARN"),
            wire::member<&D::stream_status>("StreamStatus"),
            wire::member<&D::stream_mode_details>("StreamModeDetails"),
            wire::member<&D::shards>("Shards"), wire::member<&D::has_more_shards>("HasMoreShards"),
            wire::member<&D::retention_period_hours>("RetentionPeriodHours"),
            wire::member<&D::stream_creation_timestamp>("StreamCreationTimestamp"),
            wire::member<&D::enhanced_monitoring>("EnhancedMonitoring"),
            wire::member<&D::encryption_type>("EncryptionType"), wire::member<&D::key_id>("KeyId"));
    }
};

struct DescribeStreamOutput {
    StreamDescription stream_description;

    static constexpr auto shape() {
        return wire::structure(
            "DescribeStreamOutput",
            wire::member<&DescribeStreamOutput::stream_description>("StreamDescription"));
    }
};

Task<Result<DescribeStreamOutput>> describe_stream(Kinesis& kinesis, Caller caller,
                                                   DescribeStreamInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    const StreamRow& row = stream->row();
    std::int64_t after = -1;
    if (input.exclusive_start_shard_id) {
        const auto index = model::parse_shard_id(*input.exclusive_start_shard_id);
        if (!index) co_return no_such_shard(*input.exclusive_start_shard_id, row);
        after = *index;
    }
    DescribeStreamOutput output;
    StreamDescription& description = output.stream_description;
    description.stream_name = row.name;
    description.stream_arn = row.arn();
    description.stream_status = row.status;
    description.stream_mode_details.stream_mode = row.mode;
    description.retention_period_hours = row.retention_hours;
    description.stream_creation_timestamp = row.created();
    description.enhanced_monitoring = describe_metrics(row);
    description.encryption_type = row.encryption_type;
    description.key_id = described_key(row);
    if (stream->is("CREATING")) co_return output;
    const auto limit = static_cast<std::size_t>(
        std::min(input.limit.value_or(limits::kinesis::describe_shards_default),
                 limits::kinesis::describe_shards_default));
    for (const ShardPointer& shard : stream->shards()) {
        if (shard->identity().index <= after || stream->has_expired(*shard)) continue;
        description.has_more_shards = description.shards.size() == limit;
        if (description.has_more_shards) break;
        description.shards.push_back(shard->description());
    }
    co_return output;
}

}  // namespace

extern const wire::Operation describe_stream_operation;
const wire::Operation describe_stream_operation =
    wire::operation<&describe_stream>("DescribeStream");

}  // namespace mill::kinesis
