// SPDX-License-Identifier: Apache-2.0
// Shapes and member tables that several operations share.
#pragma once

#include <array>

#include "model/limits.h"
#include "services/kinesis/stream.h"

namespace mill::kinesis {

constexpr std::string_view name_pattern = "[a-zA-Z0-9_.-]+";
constexpr std::string_view arn_pattern = R"(arn:aws.*:kinesis:.*:\d{12}:stream/\S+)";
constexpr std::string_view sequence_number_pattern = R"(0|([1-9]\d{0,128}))";
constexpr std::string_view hash_key_pattern = R"(0|([1-9]\d{0,38}))";
// Of a stream or of one of its consumers.
constexpr std::string_view resource_arn_pattern = R"(arn:aws.*:kinesis:.*:\d{12}:.*stream/\S+)";
constexpr std::string_view consumer_arn_pattern =
    R"(^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+)";
inline constexpr std::array<std::string_view, 2> encryption_types = {"NONE", "KMS"};
// The last one stands for all others.
inline constexpr std::array<std::string_view, 8> shard_level_metric_names = {
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
    "ALL"};
inline constexpr std::array<std::string_view, 2> stream_modes = {"PROVISIONED", "ON_DEMAND"};

template <auto Pointer>
constexpr wire::Member stream_name_member() {
    return wire::member<Pointer>("StreamName")
        .pattern(name_pattern)
        .length(1, limits::kinesis::name_length_max);
}
template <auto Pointer>
constexpr wire::Member stream_arn_member() {
    return wire::member<Pointer>("StreamARN")
        .pattern(arn_pattern)
        .length(1, limits::kinesis::arn_length_max);
}
template <auto Pointer>
constexpr wire::Member resource_arn_member() {
    return wire::member<Pointer>("ResourceARN")
        .required()
        .pattern(resource_arn_pattern)
        .length(1, limits::kinesis::arn_length_max);
}
template <auto Pointer>
constexpr wire::Member consumer_arn_member() {
    return wire::member<Pointer>("ConsumerARN")
        .pattern(consumer_arn_pattern)
        .length(1, limits::kinesis::arn_length_max);
}
template <auto Pointer>
constexpr wire::Member consumer_name_member() {
    return wire::member<Pointer>("ConsumerName")
        .pattern(name_pattern)
        .length(1, limits::kinesis::name_length_max);
}
template <auto Pointer>
constexpr wire::Member tags_member() {
    return wire::member<Pointer>("Tags")
        .length(1, limits::kinesis::tags_per_call_max)
        .key_length(1, limits::kinesis::tag_key_length_max)
        .item_length(0, limits::kinesis::tag_value_length_max);
}
template <auto Pointer>
constexpr wire::Member key_id_member() {
    return wire::member<Pointer>("KeyId").required().length(1, limits::kinesis::key_id_length_max);
}
template <auto Pointer>
constexpr wire::Member encryption_type_member() {
    return wire::member<Pointer>("EncryptionType").required().one_of(encryption_types);
}
template <auto Pointer>
constexpr wire::Member shard_id_member(std::string_view name) {
    return wire::member<Pointer>(name)
        .pattern(name_pattern)
        .length(1, limits::kinesis::name_length_max);
}

struct StreamModeDetails {
    std::optional<std::string> stream_mode;

    static constexpr auto shape() {
        return wire::structure("StreamModeDetails",
                               wire::member<&StreamModeDetails::stream_mode>("StreamMode")
                                   .required()
                                   .one_of(stream_modes));
    }
};

struct HashKeyRange {
    std::string starting_hash_key;
    std::string ending_hash_key;

    static constexpr auto shape() {
        return wire::structure("HashKeyRange",
                               wire::member<&HashKeyRange::starting_hash_key>("StartingHashKey"),
                               wire::member<&HashKeyRange::ending_hash_key>("EndingHashKey"));
    }
};

struct SequenceNumberRange {
    std::string starting_sequence_number;
    std::optional<std::string> ending_sequence_number;  // of closed shards

    static constexpr auto shape() {
        using R = SequenceNumberRange;
        return wire::structure("SequenceNumberRange",
                               wire::member<&R::starting_sequence_number>("StartingSequenceNumber"),
                               wire::member<&R::ending_sequence_number>("EndingSequenceNumber"));
    }
};

struct ShardDescription {
    std::string shard_id;
    std::optional<std::string> parent_shard_id;
    std::optional<std::string> adjacent_parent_shard_id;
    HashKeyRange hash_key_range;
    SequenceNumberRange sequence_number_range;

    static constexpr auto shape() {
        using D = ShardDescription;
        return wire::structure("Shard", wire::member<&D::shard_id>("ShardId"),
                               wire::member<&D::parent_shard_id>("ParentShardId"),
                               wire::member<&D::adjacent_parent_shard_id>("AdjacentParentShardId"),
                               wire::member<&D::hash_key_range>("HashKeyRange"),
                               wire::member<&D::sequence_number_range>("SequenceNumberRange"));
    }
};

inline HashKeyRange describe(const model::HashRange& range) {
    return {model::decimal(range.first), model::decimal(range.last)};
}

inline ShardDescription describe(const Shard& shard) {
    ShardDescription description{
        .shard_id = shard.id(),
        .hash_key_range = describe(shard.range()),
        .sequence_number_range = {model::starting_sequence_number(shard.identity())}};
    const Lineage& lineage = shard.lineage();
    if (lineage.parent) description.parent_shard_id = model::shard_id(*lineage.parent);
    if (lineage.adjacent_parent)
        description.adjacent_parent_shard_id = model::shard_id(*lineage.adjacent_parent);
    if (lineage.closed) {
        description.sequence_number_range.ending_sequence_number =
            model::ending_sequence_number(shard.identity(), *lineage.closed);
    }
    return description;
}

struct EnhancedMetrics {
    std::vector<std::string> shard_level_metrics;

    static constexpr auto shape() {
        return wire::structure(
            "EnhancedMetrics",
            wire::member<&EnhancedMetrics::shard_level_metrics>("ShardLevelMetrics"));
    }
};

inline std::vector<EnhancedMetrics> describe_metrics(const StreamRow& row) {
    return {{row.shard_level_metrics}};
}

inline std::optional<std::string> described_key(const StreamRow& row) {
    return row.key_id.empty() ? std::nullopt : std::optional(row.key_id);
}

// Of records: AWS says nothing of those that are not encrypted.
inline std::optional<std::string_view> described_encryption(bool is_encrypted) {
    return is_encrypted ? std::optional<std::string_view>("KMS") : std::nullopt;
}

struct Tag {
    std::string key;
    std::string value;

    static constexpr auto shape() {
        return wire::structure("Tag", wire::member<&Tag::key>("Key"),
                               wire::member<&Tag::value>("Value"));
    }
};

// Shown for streams on demand only.
struct WarmThroughput {
    std::int64_t target_mibps = 0;
    std::int64_t current_mibps = 0;

    static constexpr auto shape() {
        return wire::structure("WarmThroughputObject",
                               wire::member<&WarmThroughput::target_mibps>("TargetMiBps"),
                               wire::member<&WarmThroughput::current_mibps>("CurrentMiBps"));
    }
};

inline std::optional<WarmThroughput> describe_warm_throughput(const StreamRow& row) {
    const std::int64_t target =
        row.update ? row.update->warm_mibps.value_or(row.warm_mibps) : row.warm_mibps;
    if (row.mode != "ON_DEMAND" || (target == 0 && row.warm_mibps == 0)) return std::nullopt;
    return WarmThroughput{target, row.warm_mibps};
}

}  // namespace mill::kinesis
