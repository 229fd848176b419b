// SPDX-License-Identifier: Apache-2.0
// DescribeStreamSummary: the description without the shards.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct DescribeStreamSummaryInput {
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = DescribeStreamSummaryInput;
        return wire::structure("DescribeStreamSummaryInput", stream_name_member<&I::stream_name>(),
                               stream_arn_member<&I::stream_arn>());
    }
};

struct StreamDescriptionSummary {
    std::string stream_name;
    std::string stream_arn;
    std::string stream_status;
    StreamModeDetails stream_mode_details;
    std::int64_t retention_period_hours = 0;
    WallTime stream_creation_timestamp;
    std::vector<EnhancedMetrics> enhanced_monitoring;
    std::string encryption_type;
    std::optional<std::string> key_id;
    std::int64_t open_shard_count = 0;
    std::int64_t consumer_count = 0;
    std::int64_t max_record_size_in_kib = 0;
    std::optional<WarmThroughput> warm_throughput;

    static constexpr auto shape() {
        using D = StreamDescriptionSummary;
        return wire::structure(
            "StreamDescriptionSummary", wire::member<&D::stream_name>("StreamName"),
            wire::member<&D::stream_arn>("StreamARN"),
            wire::member<&D::stream_status>("StreamStatus"),
            wire::member<&D::stream_mode_details>("StreamModeDetails"),
            wire::member<&D::retention_period_hours>("RetentionPeriodHours"),
            wire::member<&D::stream_creation_timestamp>("StreamCreationTimestamp"),
            wire::member<&D::enhanced_monitoring>("EnhancedMonitoring"),
            wire::member<&D::encryption_type>("EncryptionType"), wire::member<&D::key_id>("KeyId"),
            wire::member<&D::open_shard_count>("OpenShardCount"),
            wire::member<&D::consumer_count>("ConsumerCount"),
            wire::member<&D::max_record_size_in_kib>("MaxRecordSizeInKiB"),
            wire::member<&D::warm_throughput>("WarmThroughput"));
    }
};

struct DescribeStreamSummaryOutput {
    StreamDescriptionSummary summary;

    static constexpr auto shape() {
        return wire::structure(
            "DescribeStreamSummaryOutput",
            wire::member<&DescribeStreamSummaryOutput::summary>("StreamDescriptionSummary"));
    }
};

Task<Result<DescribeStreamSummaryOutput>> describe_stream_summary(
    Kinesis& kinesis, Caller caller, DescribeStreamSummaryInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    const StreamRow& row = stream->row();
    DescribeStreamSummaryOutput output;
    StreamDescriptionSummary& summary = output.summary;
    summary.stream_name = row.name;
    summary.stream_arn = row.arn();
    summary.stream_status = row.status;
    summary.stream_mode_details.stream_mode = row.mode;
    summary.retention_period_hours = row.retention_hours;
    summary.stream_creation_timestamp = row.created();
    summary.enhanced_monitoring = describe_metrics(row);
    summary.encryption_type = row.encryption_type;
    summary.key_id = described_key(row);
    summary.open_shard_count =
        stream->is("CREATING") ? 0 : static_cast<std::int64_t>(stream->open_shards().size());
    summary.consumer_count = kinesis.consumer_count(*stream);
    summary.max_record_size_in_kib = row.record_kib_max;
    summary.warm_throughput = describe_warm_throughput(row);
    co_return output;
}

}  // namespace

extern const wire::Operation describe_stream_summary_operation;
const wire::Operation describe_stream_summary_operation =
    wire::operation<&describe_stream_summary>("DescribeStreamSummary");

}  // namespace mill::kinesis
