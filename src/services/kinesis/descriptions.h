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

    static constexpr auto shape() {
        return wire::structure(
            "SequenceNumberRange",
            wire::member<&SequenceNumberRange::starting_sequence_number>("StartingSequenceNumber"));
    }
};

struct ShardDescription {
    std::string shard_id;
    HashKeyRange hash_key_range;
    SequenceNumberRange sequence_number_range;

    static constexpr auto shape() {
        return wire::structure(
            "Shard", wire::member<&ShardDescription::shard_id>("ShardId"),
            wire::member<&ShardDescription::hash_key_range>("HashKeyRange"),
            wire::member<&ShardDescription::sequence_number_range>("SequenceNumberRange"));
    }
};

inline ShardDescription describe(const Shard& shard) {
    return {
        .shard_id = shard.id(),
        .hash_key_range = {model::decimal(shard.range().first), model::decimal(shard.range().last)},
        .sequence_number_range = {model::starting_sequence_number(shard.identity())}};
}

struct EnhancedMetrics {
    std::vector<std::string> shard_level_metrics;

    static constexpr auto shape() {
        return wire::structure(
            "EnhancedMetrics",
            wire::member<&EnhancedMetrics::shard_level_metrics>("ShardLevelMetrics"));
    }
};

}  // namespace mill::kinesis
