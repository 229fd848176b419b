// SPDX-License-Identifier: Apache-2.0
// Every bound has a name here, beside the AWS quota that it mirrors. Bounds of our own say so.
#pragma once

#include <chrono>
#include <cstdint>

namespace mill::limits {

// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
namespace kinesis {
constexpr std::int64_t name_length_max = 128;  // streams, shards
constexpr std::int64_t arn_length_max = 2048;
constexpr std::int64_t partition_key_length_max = 256;  // characters
constexpr std::int64_t record_bytes_ceiling =
    10 * 1024 * 1024;  // a stream's own MaxRecordSizeInKiB may be lower
constexpr std::int64_t record_kib_default = 1024;
constexpr std::int64_t record_kib_max = 10 * 1024;
constexpr std::int64_t put_records_max = 500;
constexpr std::int64_t put_records_bytes_max = 10 * 1024 * 1024;  // keys included
constexpr std::int64_t get_records_max = 10'000;
constexpr std::int64_t get_records_bytes_max = 10 * 1024 * 1024;
constexpr std::int64_t iterator_length_max = 512;
constexpr std::chrono::milliseconds iterator_life{300'000};
constexpr std::chrono::milliseconds list_token_life{300'000};
constexpr std::int64_t list_max = 10'000;
constexpr std::int64_t describe_shards_default = 100;
constexpr std::int64_t list_shards_default = 1'000;
constexpr std::int64_t list_streams_default = 100;
constexpr std::int64_t token_length_max = 1'048'576;
constexpr std::int64_t tags_max = 50;
constexpr std::int64_t tags_per_call_max = 200;
constexpr std::int64_t tag_key_length_max = 128;
constexpr std::int64_t tag_value_length_max = 256;
constexpr std::int64_t list_tags_max = 50;
constexpr std::int64_t key_id_length_max = 2048;
constexpr std::int64_t shard_level_metrics_max = 7;
constexpr std::int64_t consumers_max = 20;            // of a stream
constexpr std::int64_t consumers_max_committed = 50;  // with a billing commitment
constexpr std::int64_t list_consumers_default = 100;
// A subscription: its life, and how soon another one may take its place.
constexpr std::chrono::minutes subscription_life{5};
constexpr std::chrono::seconds subscription_takeover_min{5};
// Ours: AWS does not say how often an event comes without a record, or how much one holds.
constexpr std::chrono::seconds subscription_heartbeat{5};
constexpr std::int64_t event_bytes_max = 1024 * 1024;
constexpr std::int64_t policy_bytes_max = 20 * 1024;
constexpr std::int64_t warm_mibps_max = 10 * 1024;
constexpr std::int64_t retention_hours_default = 24;
constexpr std::int64_t retention_hours_max = 8'760;
constexpr std::int64_t on_demand_shards = 4;  // of a new on-demand stream
// Ours: generous, unless AWS's limits are asked for.
constexpr std::int64_t shards_per_account_max = 20'000;
constexpr std::int64_t on_demand_streams_max = 10'000;
// Ours: how often a shard looks for expired records that it may forget.
constexpr std::chrono::minutes trim_interval{1};
constexpr std::chrono::hours trim_idle_interval{1};  // one that nobody writes or reads
// Ours: how soon a change of state that could not be stored is tried again.
constexpr std::chrono::seconds transition_retry_delay{1};
constexpr std::int64_t scalings_per_day_max = 10;     // UpdateShardCount of one stream
constexpr std::int64_t mode_changes_per_day_max = 2;  // UpdateStreamMode
constexpr std::int64_t key_changes_per_day_max = 25;  // Start- and StopStreamEncryption, each
constexpr std::int64_t shards_per_stream_max = 10'000;
// Ours: how often it is looked whether the clock has been set past the end of a closed shard.
constexpr std::chrono::hours expiry_look_interval{1};

// What AWS holds accounts to, and we only with --limits aws.
namespace aws {
constexpr std::int64_t on_demand_streams_max = 50;
constexpr std::int64_t creating_max = 5;  // streams, and consumers
struct RegionQuota {
    std::int64_t shards;
    std::int64_t on_demand_mibps;  // written to one stream
};
constexpr RegionQuota large_region{20'000, 10 * 1024};  // us-east-1, us-west-2, eu-west-1
constexpr RegionQuota other_region{1'000, 200};

// Of one shard.
constexpr double bytes_in_per_s = 1 << 20;
constexpr double records_in_per_s = 1'000;
constexpr double bytes_out_per_s = 2 << 20;
constexpr int reads_per_s = 5;
constexpr std::int64_t iterators_per_s = 5;
}  // namespace aws
}  // namespace kinesis

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
namespace logs {
constexpr std::int64_t name_length_max = 512;
constexpr std::int64_t put_events_max = 10'000;
constexpr std::int64_t put_bytes_max = 1'048'576;  // messages and event_overhead_bytes for each
constexpr std::int64_t event_overhead_bytes = 26;
constexpr std::chrono::hours put_span_max{24};
constexpr std::chrono::hours past_max{14 * 24};
constexpr std::chrono::hours future_max{2};
constexpr std::int64_t page_events_max = 10'000;
constexpr std::int64_t page_bytes_max = 1'048'576;
constexpr std::int64_t describe_max = 50;
constexpr std::int64_t filter_streams_max = 100;
constexpr std::int64_t filter_pattern_length_max = 1'024;
// Live Tail: of a session, of an update, of an account, of a client that is slow.
constexpr std::int64_t tail_groups_max = 10;
constexpr std::chrono::hours tail_life{3};
constexpr std::size_t tail_update_max = 500;
constexpr std::size_t tail_sessions_max = 15;
constexpr std::size_t tail_waiting_max = 5'000;
constexpr std::size_t tail_waiting_bytes_max = 4 << 20;  // ours
// Ours: how much one batch may hold, and how much may wait for the disk in one group: what comes
// beyond is dropped, and the drop is logged.
constexpr std::size_t flush_bytes_max = 1 << 20;
constexpr std::size_t tail_bytes_max = 64 << 20;
// Ours: how often a group that cannot be written is tried again.
constexpr std::chrono::seconds flush_retry_delay{1};
// Ours: the summaries of streams are brought up to date in the table after so much output; a start
// reads at most that.
constexpr std::size_t summary_bytes_max = 4 << 20;
// Ours: how often a group with a retention policy looks for what it may forget.
constexpr std::chrono::minutes trim_interval{10};
// Ours: the first bounds of timestamp - ingestion time and the opposite; they double as needed.
constexpr std::chrono::milliseconds lead_first{1'000};
constexpr std::chrono::milliseconds lag_first{10'000};
// Ours: a look-up reads the log in steps of this size.
constexpr std::size_t scan_step_bytes = 1 << 20;
}  // namespace logs

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
namespace sqs {
constexpr std::size_t name_length_max = 80;
constexpr std::int64_t message_bytes_max = 1'048'576;  // body and attributes; of a batch, too
constexpr std::int64_t message_bytes_floor = 1'024;    // of MaximumMessageSize
constexpr std::int64_t batch_entries_max = 10;
constexpr std::size_t batch_id_length_max = 80;
constexpr std::int64_t delay_seconds_max = 900;
constexpr std::int64_t visibility_seconds_max = 43'200;
constexpr std::int64_t visibility_seconds_default = 30;
constexpr std::int64_t wait_seconds_max = 20;
constexpr std::int64_t retention_seconds_min = 60;
constexpr std::int64_t retention_seconds_max = 1'209'600;
constexpr std::int64_t retention_seconds_default = 345'600;
constexpr std::int64_t receives_max = 1'000;  // maxReceiveCount
constexpr std::size_t in_flight_max = 120'000;
constexpr std::size_t attributes_max = 10;  // of a message
constexpr std::size_t attribute_name_length_max = 256;
constexpr std::size_t group_id_length_max = 128;  // deduplication ids, too
constexpr std::chrono::minutes deduplication_interval{5};
constexpr std::size_t tags_max = 50;
constexpr std::int64_t list_max = 1'000;
constexpr std::int64_t list_move_tasks_max = 10;
constexpr std::int64_t moves_per_second_max = 500;
// Ours: a queue's log is forgotten, and its survivors are copied, in pieces of about this size.
constexpr std::uint64_t chunk_bytes = 64 * 1024;
// Ours: below this much a log is left as it is, however little of it is still wanted.
constexpr std::uint64_t waste_bytes_min = 4 * 1024 * 1024;
constexpr std::size_t read_step_bytes = 1 << 20;
// Ours: how soon a move task that met an error of the disk tries again.
constexpr std::chrono::seconds move_retry_delay{1};
}  // namespace sqs

}  // namespace mill::limits
