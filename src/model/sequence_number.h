// SPDX-License-Identifier: Apache-2.0
// Sequence numbers in AWS's layout, version 2: 47 hexadecimal digits, written as 56 decimal ones.
//
//     2 | shard created, s (9) | shard & 15 (1) | index (16) | 00 | record arrived, s (9) | shard
//     (8) | 2
//
// A number is a pure function of where its record lies, so engines never store one: index = offset
// + 1. Index 0 is the shard's StartingSequenceNumber. Numbers of one shard grow strictly with the
// offset. Learned from kinesalite's db/index.js.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fixed_text.h"
#include "base/time.h"

namespace mill::model {

struct ShardIdentity {
    std::int64_t created_s = 0;  // epoch seconds
    std::uint32_t index = 0;
    bool operator==(const ShardIdentity&) const = default;
};

inline std::int64_t epoch_s(WallTime time) { return epoch_ms(time) / 1000; }

std::string sequence_number(const ShardIdentity& shard, std::uint64_t offset, WallTime arrival);
std::string starting_sequence_number(const ShardIdentity& shard);
// Of a shard that was closed then: greater than those of its records.
std::string ending_sequence_number(const ShardIdentity& shard, WallTime closed);

using SequenceText = FixedText<56>;

// The numbers of many records of one shard. Cheapest when asked in order: the number after the last
// one asked for is found by an addition.
class SequenceNumbers {
  public:
    explicit SequenceNumbers(const ShardIdentity& shard) : shard_(shard) {}
    // The same digits as sequence_number(). Good until the next call.
    const SequenceText& at(std::uint64_t offset, WallTime arrival);

  private:
    void step();
    void render(std::size_t limb);

    const ShardIdentity shard_;
    std::uint64_t offset_ = 0;  // of text_
    std::int64_t arrived_s_ = 0;
    bool is_begun_ = false;
    std::array<std::uint64_t, 4> limbs_{};  // of 14 decimal digits, the lowest first
    SequenceText text_;
};

struct SequenceNumber {
    ShardIdentity shard;
    std::uint64_t index = 0;     // 0 in versions below 2, which carry none
    std::int64_t arrived_s = 0;  // 0 in version 0
    int version = 2;
    // The record that bears this number, and the first one after it.
    std::uint64_t offset_at() const { return index == 0 ? 0 : index - 1; }
    std::uint64_t offset_after() const { return index; }
    bool operator==(const SequenceNumber&) const = default;
};

// Versions 0 to 2; empty if the text is no number that AWS could have given.
std::optional<SequenceNumber> parse_sequence_number(std::string_view text);

// "shardId-000000000003"
std::string shard_id(std::uint32_t index);
using ShardIdText = FixedText<20>;
// Anything whose part after '-' (or the whole) is a decimal number up to 2^31-1, as AWS takes it.
std::optional<std::uint32_t> parse_shard_id(std::string_view text);

}  // namespace mill::model
