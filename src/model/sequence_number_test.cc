// SPDX-License-Identifier: Apache-2.0
#include "model/sequence_number.h"

#include <gtest/gtest.h>

namespace mill::model {
namespace {

// Given by AWS: shard 6, created 2018-11-21T04:57:38Z, arrived 2018-12-17T22:10:50Z.
constexpr std::string_view from_aws = "49590338271490256608559692538361571095921575989136588898";

TEST(SequenceNumber, ReadsOneOfAws) {
    const auto number = parse_sequence_number(from_aws);
    ASSERT_TRUE(number);
    EXPECT_EQ(number->shard, (ShardIdentity{1542776258, 6}));
    EXPECT_EQ(number->index, 0x67648a17U);
    EXPECT_EQ(number->arrived_s, 1545084650);
    EXPECT_EQ(number->version, 2);
}

TEST(SequenceNumber, WritesTheSameDigits) {
    const auto arrival = from_epoch_ms(1545084650987);
    EXPECT_EQ(sequence_number({1542776258, 6}, 0x67648a17 - 1, arrival), from_aws);
}

TEST(SequenceNumber, TellsWhereTheRecordLies) {
    const ShardIdentity shard{1'700'000'000, 19};
    const auto number =
        parse_sequence_number(sequence_number(shard, 4711, from_epoch_ms(1'700'000'123'456)));
    ASSERT_TRUE(number);
    EXPECT_EQ(number->shard, shard);
    EXPECT_EQ(number->offset_at(), 4711U);
    EXPECT_EQ(number->offset_after(), 4712U);
    EXPECT_EQ(number->arrived_s, 1'700'000'123);
}

TEST(SequenceNumber, GrowsWithTheOffsetWhateverTheArrival) {
    const ShardIdentity shard{1'700'000'000, 3};
    std::string last = starting_sequence_number(shard);
    EXPECT_EQ(last.size(), 56U);
    for (const std::uint64_t offset : {0ULL, 1ULL, 9ULL, 65'535ULL, 1ULL << 40, (1ULL << 62)}) {
        const auto next = sequence_number(shard, offset, from_epoch_ms(1'700'000'000'000));
        EXPECT_EQ(next.size(), 56U);
        EXPECT_LT(last, next);
        last = next;
    }
}

TEST(SequenceNumber, StartsEachShardBeforeItsFirstRecord) {
    const auto number = parse_sequence_number(starting_sequence_number({1'700'000'000, 1}));
    ASSERT_TRUE(number);
    EXPECT_EQ(number->offset_at(), 0U);
    EXPECT_EQ(number->offset_after(), 0U);
}

TEST(SequenceNumber, OldVersionsAreReadAndNonsenseIsNot) {
    EXPECT_EQ(parse_sequence_number("0")->version, 0);
    EXPECT_EQ(parse_sequence_number("1")->version, 0);
    EXPECT_EQ(parse_sequence_number("0")->shard.created_s, 0);
    EXPECT_FALSE(parse_sequence_number(""));
    EXPECT_FALSE(parse_sequence_number("12a"));
    EXPECT_FALSE(parse_sequence_number(std::string(128, '9')));
    // One digit more than any number of version 2.
    EXPECT_FALSE(parse_sequence_number(std::string(from_aws) + "0"));
}

TEST(ShardId, GoesBothWays) {
    EXPECT_EQ(shard_id(3), "shardId-000000000003");
    EXPECT_EQ(parse_shard_id("shardId-000000000003"), 3U);
    EXPECT_EQ(parse_shard_id("3"), 3U);
    EXPECT_EQ(parse_shard_id("shard-2147483647"), 2147483647U);
    EXPECT_FALSE(parse_shard_id("shardId-2147483648"));
    EXPECT_FALSE(parse_shard_id("shardId-"));
    EXPECT_FALSE(parse_shard_id("orders"));
}

TEST(SequenceNumbers, GiveWhatEachNumberIsByItself) {
    const ShardIdentity shard{1'700'000'000, 70'003};
    SequenceNumbers numbers(shard);
    const auto check = [&](std::uint64_t offset, std::int64_t ms) {
        const WallTime arrival = from_epoch_ms(ms);
        ASSERT_EQ(numbers.at(offset, arrival).view(), sequence_number(shard, offset, arrival))
            << offset;
    };
    std::int64_t ms = 1'700'000'123'456;
    std::uint64_t offset = 0;
    for (int i = 0; i < 5'000; ++i) check(offset++, ms += i % 700 == 699 ? 999 : 0);
    for (const std::uint64_t first :
         {std::uint64_t{99'999'998}, (std::uint64_t{1} << 48) - 3, (std::uint64_t{1} << 62) - 3}) {
        for (int i = 0; i < 300; ++i) check(first + static_cast<std::uint64_t>(i), ms);
    }
    check(7, ms);
    check(9, ms);
    check(8, ms);
    check(8, ms);
}

}  // namespace
}  // namespace mill::model
