// SPDX-License-Identifier: Apache-2.0
#include "model/shard_iterator.h"

#include <gtest/gtest.h>

#include "model/limits.h"

namespace mill::model {
namespace {

const Bytes key(32, 'k');
const WallTime issued = from_epoch_ms(1'421'889'722'000);  // 2015-01-22T01:22:02Z

ShardIterator sample() {
    return {.issued = issued,
            .account = "000000000000",
            .region = "us-east-1",
            .stream = "orders",
            .stream_tag = 77,
            .shard = 3,
            .offset = 4711};
}

TEST(ShardIterator, GoesBothWays) {
    const auto text = write_shard_iterator(key, sample());
    EXPECT_TRUE(text.starts_with("AAAAAAAAA")) << text;
    const auto iterator = read_shard_iterator(key, text, issued);
    ASSERT_TRUE(iterator);
    EXPECT_EQ(*iterator, sample());
}

TEST(ShardIterator, StaysWithinTheLengthOfAws) {
    auto iterator = sample();
    iterator.stream = std::string(limits::kinesis::name_length_max, 'n');
    iterator.region = "us-gov-northwest-12";
    EXPECT_LE(write_shard_iterator(key, iterator).size(),
              static_cast<std::size_t>(limits::kinesis::iterator_length_max));
}

TEST(ShardIterator, AnyChangeMakesItInvalid) {
    const auto text = write_shard_iterator(key, sample());
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto changed = text;
        changed[i] = changed[i] == 'B' ? 'C' : 'B';
        const auto iterator = read_shard_iterator(key, changed, issued);
        // The last characters may hold bits that base64 ignores: the same token then.
        if (iterator) {
            EXPECT_EQ(*iterator, sample()) << i;
            continue;
        }
        EXPECT_EQ(iterator.error(),
                  (Error{"InvalidArgumentException", "Invalid ShardIterator.", 400}))
            << i;
    }
    EXPECT_FALSE(read_shard_iterator(Bytes(32, 'x'), text, issued));
    EXPECT_FALSE(read_shard_iterator(key, "", issued));
    EXPECT_FALSE(read_shard_iterator(key, "AAAA", issued));
}

TEST(ShardIterator, LivesFiveMinutes) {
    const auto text = write_shard_iterator(key, sample());
    EXPECT_TRUE(read_shard_iterator(key, text, issued + std::chrono::minutes(5)));
    const auto expired =
        read_shard_iterator(key, text, issued + std::chrono::milliseconds(300'001));
    ASSERT_FALSE(expired);
    EXPECT_EQ(expired.error().code, "ExpiredIteratorException");
    EXPECT_EQ(expired.error().message,
              "Iterator expired. The iterator was created at time Thu Jan 22 01:22:02 UTC 2015 "
              "while right now it is Thu "
              "Jan 22 01:27:02 UTC 2015 which is further in the future than the tolerated delay of "
              "300000 milliseconds.");
}

TEST(SealedToken, IsOfOnePurpose) {
    const auto token = seal_token(key, "list-shards", "payload");
    EXPECT_EQ(open_token(key, "list-shards", token), "payload");
    EXPECT_FALSE(open_token(key, "list-streams", token));
}

}  // namespace
}  // namespace mill::model
