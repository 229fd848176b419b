// SPDX-License-Identifier: Apache-2.0
// The checker must fail on histories that break a promise: each test takes a good one and breaks
// it.
#include "sim/world/workloads/ordered_delivery_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string sequence(std::uint64_t number) { return "4900" + std::to_string(number); }

// Three records of one key, put one after the other, delivered as {1, 2}, again {1, 2} after a
// failure, then {3}.
History good() {
    History history;
    for (std::uint64_t number : {1, 2, 3}) {
        const auto began = history.tick();
        history.puts.push_back({"key", number, began, history.tick(), "shard", sequence(number)});
    }
    const auto deliver = [&](std::vector<std::uint64_t> numbers, bool yes) {
        History::Invocation invocation{.began = history.tick(),
                                       .answered = yes ? history.tick() : 0};
        for (const auto number : numbers)
            invocation.records.push_back({"key", number, "shard", sequence(number)});
        history.invocations.push_back(invocation);
    };
    deliver({1, 2}, false);
    deliver({1, 2}, true);
    deliver({3}, true);
    return history;
}

TEST(Checker, AcceptsRedeliveryAfterFailure) {
    EXPECT_THAT(ordered_delivery_violations(good()), IsEmpty());
    EXPECT_EQ(unprocessed_records(good()), 0u);
}

TEST(Checker, AcceptsThatAnUnacknowledgedRecordIsThereOrNot) {
    History history = good();
    history.puts[2].acknowledged = 0;
    history.puts[2].sequence_number = history.puts[2].shard_id = "";
    EXPECT_THAT(ordered_delivery_violations(history), IsEmpty());
    history.invocations.pop_back();
    EXPECT_THAT(ordered_delivery_violations(history), IsEmpty());
}

TEST(Checker, MissesALostRecord) {
    History history = good();
    history.invocations.pop_back();
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre(HasSubstr("key/3: acknowledged as 49003, never")));
    EXPECT_EQ(unprocessed_records(history), 1u);
}

TEST(Checker, MissesARecordThatWasNeverProcessed) {
    History history = good();
    history.invocations[2].answered = 0;
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre(HasSubstr("key/3: delivered, but never to")));
}

TEST(Checker, SeesAnInventedRecord) {
    History history = good();
    history.invocations[2].records.push_back({"key", 4, "shard", sequence(4)});
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre(HasSubstr("key/4: delivered, but nobody")));
}

TEST(Checker, SeesARecordDeliveredBeforeItWasPut) {
    History history = good();
    history.puts[0].began = history.tick();
    history.puts[0].acknowledged = history.tick();
    EXPECT_THAT(ordered_delivery_violations(history),
                ::testing::Contains(HasSubstr("key/1: delivered, but nobody")));
}

TEST(Checker, SeesAWrongSequenceNumber) {
    History history = good();
    history.invocations[2].records[0].sequence_number = sequence(9);
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre(HasSubstr("key/3: delivered as 49009, known as 49003")));
}

TEST(Checker, SeesAWrongShard) {
    History history = good();
    history.invocations[2].records[0].shard_id = "other";
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre(HasSubstr("key/3: delivered from other")));
}

TEST(Checker, SeesABatchOfTwoShards) {
    History history = good();
    history.puts[1].shard_id = "other";
    history.invocations[0].records[1].shard_id = "other";
    history.invocations[1].records[1].shard_id = "other";
    EXPECT_THAT(ordered_delivery_violations(history),
                ::testing::Contains(HasSubstr("key/2: in a batch of another")));
}

TEST(Checker, SeesRecordsSwappedInABatch) {
    History history = good();
    std::swap(history.invocations[0].records[0], history.invocations[0].records[1]);
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre(HasSubstr("key/2: ahead of key/1 in its batch")));
}

TEST(Checker, SeesBatchesInTheWrongOrder) {
    History history = good();
    std::swap(history.invocations[0].records, history.invocations[2].records);
    history.invocations.push_back(history.invocations[0]);
    history.invocations.back().began = history.tick();
    history.invocations.back().answered = history.tick();
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre(HasSubstr("key/3: delivered before key/2")));
}

TEST(Checker, SeesACheckpointAheadOfWhatWasProcessed) {
    History history = good();
    std::swap(history.invocations[1], history.invocations[2]);
    std::swap(history.invocations[1].began, history.invocations[2].began);
    std::swap(history.invocations[1].answered, history.invocations[2].answered);
    EXPECT_THAT(ordered_delivery_violations(history),
                ElementsAre("key/3: delivered before key/2 was processed"));
}

TEST(Checker, SeesSequenceNumbersAgainstTheOrderOfPuts) {
    History history = good();
    for (auto& put : history.puts) put.sequence_number = sequence(4 - put.number);
    for (auto& invocation : history.invocations) {
        for (auto& record : invocation.records)
            record.sequence_number = sequence(4 - record.number);
    }
    EXPECT_THAT(ordered_delivery_violations(history),
                ::testing::Contains(HasSubstr("stored ahead of a record")));
}

TEST(Checker, SeesASequenceNumberGivenTwice) {
    History history = good();
    history.puts[1].sequence_number = sequence(1);
    for (auto& invocation : history.invocations) {
        for (auto& record : invocation.records) {
            if (record.number == 2) record.sequence_number = sequence(1);
        }
    }
    EXPECT_THAT(ordered_delivery_violations(history),
                ::testing::Contains(HasSubstr("the same sequence number")));
}

}  // namespace
}  // namespace mill::sim
