// SPDX-License-Identifier: Apache-2.0
#include "model/hash_range.h"

#include <gtest/gtest.h>

#include <vector>

namespace mill::model {
namespace {

constexpr std::string_view max_text = "340282366920938463463374607431768211455";

TEST(HashKey, DecimalTextGoesBothWays) {
    EXPECT_EQ(decimal(0), "0");
    EXPECT_EQ(decimal(hash_key_max), max_text);
    EXPECT_TRUE(parse_hash_key(max_text) == hash_key_max);
    for (const auto* text :
         {"9999999999999999999", "10000000000000000000", "18446744073709551616",
          "99999999999999999999999999999999999999", "100000000000000000000000000000000000000",
          "10000000000000000000000000000000000001"}) {
        EXPECT_EQ(decimal(*parse_hash_key(text)), text);
    }
    EXPECT_TRUE(parse_hash_key("170141183460469231731687303715884105728") == HashKey{1} << 127);
}

TEST(HashKey, RefusesWhatIsNoHashKey) {
    for (const auto* text :
         {"", "01", "-1", "1x", "340282366920938463463374607431768211456",
          "999999999999999999999999999999999999999", "1000000000000000000000000000000000000000"}) {
        EXPECT_FALSE(parse_hash_key(text)) << text;
    }
}

TEST(HashKey, IsTheMd5OfThePartitionKey) {
    // md5("a") = 0cc175b9c0f1b6a831c399e269772661
    EXPECT_EQ(decimal(hash_key_of("a")), "16955237001963240173058271559858726497");
}

TEST(InitialRanges, MatchThoseOfAws) {
    EXPECT_EQ(initial_range(0, 1), HashRange{});
    EXPECT_EQ(decimal(initial_range(0, 3).last), "113427455640312821154458202477256070484");
    EXPECT_EQ(decimal(initial_range(1, 3).first), "113427455640312821154458202477256070485");
    EXPECT_EQ(decimal(initial_range(2, 3).last), max_text);
    EXPECT_EQ(decimal(initial_range(1, 2).first), "170141183460469231731687303715884105728");
}

TEST(InitialRanges, CoverEveryKeyOnceAndEachKeyFindsItsOwner) {
    for (const std::uint32_t count : {1U, 2U, 3U, 7U, 64U, 1000U}) {
        std::vector<HashRange> ranges;
        for (std::uint32_t i = 0; i < count; ++i) ranges.push_back(initial_range(i, count));
        EXPECT_TRUE(ranges.front().first == 0);
        EXPECT_TRUE(ranges.back().last == hash_key_max);
        for (std::uint32_t i = 0; i < count; ++i) {
            if (i > 0) EXPECT_TRUE(ranges[i].first == ranges[i - 1].last + 1);
            EXPECT_EQ(owning_shard(ranges, ranges[i].first), i);
            EXPECT_EQ(owning_shard(ranges, ranges[i].last), i);
        }
    }
}

}  // namespace
}  // namespace mill::model
