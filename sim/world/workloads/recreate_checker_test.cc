// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/workloads/recreate_while_consuming.h"

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

History::Delivery delivery(std::uint64_t number) {
    return {.key = "k", .number = number, .sequence_number = std::to_string(100 + number)};
}
History::Put put(std::uint64_t number, History::Moment began) {
    return {.key = "k",
            .number = number,
            .began = began,
            .acknowledged = began + 1,
            .sequence_number = std::to_string(100 + number)};
}
StoredRecord stored(std::uint64_t number) {
    return {.sequence_number = std::to_string(100 + number),
            .partition_key = "k",
            .data = std::to_string(number)};
}

TEST(LastStream, HoldsWhatWasPutIntoItAndItsBatches) {
    History history;
    history.puts = {put(1, 1), put(2, 10)};
    history.invocations = {{.began = 3, .answered = 4, .records = {delivery(1)}},
                           {.began = 12, .answered = 13, .records = {delivery(2)}}};
    const LastStream last = last_stream(history, {stored(2)}, 9);
    EXPECT_THAT(last.violations, IsEmpty());
    EXPECT_EQ(last.history.puts.size(), 1U);
    EXPECT_EQ(last.history.invocations.size(), 1U);
}

TEST(LastStream, WhatItHasLostIsSeen) {
    History history;
    history.puts = {put(1, 10)};
    EXPECT_THAT(last_stream(history, {}, 9).violations,
                ElementsAre(HasSubstr("not in the stream")));
}

TEST(LastStream, StreamsAreNotMixed) {
    History history;
    history.puts = {put(1, 1), put(2, 10)};
    history.invocations = {{.began = 12, .records = {delivery(1), delivery(2)}}};
    EXPECT_THAT(last_stream(history, {stored(2)}, 9).violations,
                ElementsAre(HasSubstr("two streams")));
    history.invocations = {{.began = 12, .records = {delivery(2)}},
                           {.began = 13, .records = {delivery(1)}}};
    EXPECT_THAT(last_stream(history, {stored(2)}, 9).violations,
                ElementsAre(HasSubstr("comes late")));
}

}  // namespace
}  // namespace mill::sim
