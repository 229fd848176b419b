// SPDX-License-Identifier: Apache-2.0
// What every LogStore promises. Include in one test file of an engine, and instantiate LogContract
// with its Subject.
#pragma once

#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {

class LogContract : public testing::TestWithParam<Subject> {
  protected:
    void SetUp() override { rig.open(); }

    // A batch of `records` records that arrived at `ms`, `ms`+1, ...
    static Batch batch(std::uint32_t records, std::int64_t ms, std::size_t data_bytes = 10,
                       char fill = 'x') {
        BatchBuilder builder;
        for (std::uint32_t i = 0; i < records; ++i) {
            builder.add(from_epoch_ms(ms + i), "key", std::string(data_bytes, fill));
        }
        return builder.take();
    }
    Offset append(StreamLog& log, Batch what) {
        auto offset = rig.await(log.append(std::move(what)));
        EXPECT_TRUE(succeeded(offset));
        return offset.value_or(~Offset());
    }
    std::vector<StoredBatch> read(StreamLog& log, Offset from, ReadLimits limits = {}) {
        auto batches = rig.await(log.read(from, limits));
        EXPECT_TRUE(succeeded(batches));
        return batches.value_or(std::vector<StoredBatch>());
    }
    std::vector<Offset> bases(StreamLog& log, Offset from, ReadLimits limits = {}) {
        std::vector<Offset> found;
        for (const StoredBatch& stored : read(log, from, limits)) found.push_back(stored.base);
        return found;
    }

    Rig rig{GetParam()};
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(LogContract, OffsetsCountRecordsFromZero) {
    StreamLog& log = rig.log("a");
    EXPECT_EQ(log.bounds(), (Bounds{0, 0}));
    EXPECT_EQ(append(log, batch(3, 100)), 0u);
    EXPECT_EQ(append(log, batch(1, 200)), 3u);
    EXPECT_EQ(append(log, batch(2, 300)), 4u);
    EXPECT_EQ(log.bounds(), (Bounds{0, 6}));
    EXPECT_EQ(log.last_arrival(), from_epoch_ms(301));
}

TEST_P(LogContract, ReadGivesBackWhatWasAppended) {
    StreamLog& log = rig.log("a");
    const Batch first = batch(2, 100, 1000, 'p');
    const Batch second = batch(1, 200, 0);
    append(log, first);
    append(log, second);
    const auto stored = read(log, 0);
    ASSERT_EQ(stored.size(), 2u);
    EXPECT_EQ(*stored[0].payload, first.payload);
    EXPECT_EQ(stored[0].records, 2u);
    EXPECT_EQ(stored[0].first_arrival, from_epoch_ms(100));
    EXPECT_EQ(stored[0].last_arrival, from_epoch_ms(101));
    EXPECT_EQ(*stored[1].payload, second.payload);
}

TEST_P(LogContract, ReadStartsWithTheBatchThatHoldsTheOffset) {
    StreamLog& log = rig.log("a");
    for (int i = 0; i < 3; ++i) append(log, batch(3, 100 * i));
    EXPECT_THAT(bases(log, 2), ElementsAre(0, 3, 6));
    EXPECT_THAT(bases(log, 3), ElementsAre(3, 6));
    EXPECT_THAT(bases(log, 8), ElementsAre(6));
    EXPECT_THAT(bases(log, 9), IsEmpty());
    EXPECT_THAT(bases(log, 1000), IsEmpty());
}

TEST_P(LogContract, ReadStopsAtItsLimitsButAlwaysGivesTheFirstBatch) {
    StreamLog& log = rig.log("a");
    for (int i = 0; i < 4; ++i) append(log, batch(2, 100 * i, 100));
    const std::uint64_t bytes = batch(2, 0, 100).payload.size();
    EXPECT_THAT(bases(log, 0, {.records = 4}), ElementsAre(0, 2));
    EXPECT_THAT(bases(log, 0, {.records = 5}), ElementsAre(0, 2));
    EXPECT_THAT(bases(log, 0, {.records = 1}), ElementsAre(0));
    EXPECT_THAT(bases(log, 0, {.bytes = bytes * 3}), ElementsAre(0, 2, 4));
    EXPECT_THAT(bases(log, 0, {.bytes = bytes * 3 - 1}), ElementsAre(0, 2));
    EXPECT_THAT(bases(log, 0, {.bytes = 1}), ElementsAre(0));
}

TEST_P(LogContract, OffsetAtFindsTheFirstBatchNotOlder) {
    StreamLog& log = rig.log("a");
    EXPECT_EQ(rig.await(log.offset_at(from_epoch_ms(5))), Offset(0));
    append(log, batch(2, 100));  // 100, 101
    append(log, batch(2, 200));
    append(log, batch(2, 200));
    EXPECT_EQ(rig.await(log.offset_at(from_epoch_ms(0))), Offset(0));
    EXPECT_EQ(rig.await(log.offset_at(from_epoch_ms(101))), Offset(0));
    EXPECT_EQ(rig.await(log.offset_at(from_epoch_ms(102))), Offset(2));
    EXPECT_EQ(rig.await(log.offset_at(from_epoch_ms(201))), Offset(2));
    EXPECT_EQ(rig.await(log.offset_at(from_epoch_ms(202))), Offset(6));
}

TEST_P(LogContract, AppendsThatWaitTogetherKeepTheOrderOfTheirCalls) {
    StreamLog& log = rig.log("a");
    std::vector<Task<Result<Offset>>> appends;
    for (std::uint32_t i = 0; i < 20; ++i) appends.push_back(log.append(batch(i % 3 + 1, i)));
    std::vector<Offset> offsets(appends.size());
    for (std::size_t i = appends.size(); i-- > 0;) {  // whoever is awaited first
        auto offset = rig.await(std::move(appends[i]));
        ASSERT_TRUE(succeeded(offset));
        offsets[i] = *offset;
    }
    Offset expected = 0;
    for (std::uint32_t i = 0; i < 20; ++i) {
        EXPECT_EQ(offsets[i], expected);
        expected += i % 3 + 1;
    }
}

TEST_P(LogContract, LogsDoNotMix) {
    StreamLog& a = rig.log("a");
    StreamLog& b = rig.log("b");
    append(a, batch(1, 100, 5, 'a'));
    append(b, batch(2, 50, 5, 'b'));
    append(a, batch(1, 101, 5, 'a'));
    EXPECT_THAT(bases(a, 0), ElementsAre(0, 1));
    EXPECT_THAT(bases(b, 0), ElementsAre(0));
    EXPECT_EQ(*read(b, 0)[0].payload, batch(2, 50, 5, 'b').payload);
    EXPECT_EQ(&rig.log("a"), &a);
    EXPECT_THAT(rig.logs().log_names(), ElementsAre("a", "b"));
}

TEST_P(LogContract, TrimForgetsWholeBatchesAndNeverReusesOffsets) {
    StreamLog& log = rig.log("a");
    for (int i = 0; i < 3; ++i) append(log, batch(3, 100 * i));
    EXPECT_TRUE(succeeded(rig.await(log.trim(5))));
    EXPECT_EQ(log.bounds(), (Bounds{3, 9}));
    EXPECT_THAT(bases(log, 0), ElementsAre(3, 6));
    EXPECT_TRUE(succeeded(rig.await(log.trim(2))));
    EXPECT_EQ(log.bounds(), (Bounds{3, 9}));
    EXPECT_TRUE(succeeded(rig.await(log.trim(1000))));
    EXPECT_EQ(log.bounds(), (Bounds{9, 9}));
    EXPECT_THAT(bases(log, 0), IsEmpty());
    EXPECT_EQ(rig.await(log.offset_at(from_epoch_ms(0))), Offset(9));
    EXPECT_EQ(log.last_arrival(), from_epoch_ms(202));
    EXPECT_EQ(append(log, batch(1, 300)), 9u);
    EXPECT_THAT(bases(log, 0), ElementsAre(9));
}

TEST_P(LogContract, DroppedLogIsGoneAndItsNameFree) {
    append(rig.log("a"), batch(3, 100));
    append(rig.log("b"), batch(1, 100));
    EXPECT_TRUE(succeeded(rig.await(rig.logs().drop_log("a"))));
    EXPECT_TRUE(succeeded(rig.await(rig.logs().drop_log("never"))));
    EXPECT_THAT(rig.logs().log_names(), ElementsAre("b"));
    EXPECT_EQ(rig.log("a").bounds(), (Bounds{0, 0}));
    EXPECT_EQ(append(rig.log("a"), batch(1, 5)), 0u);
    EXPECT_EQ(rig.log("b").bounds(), (Bounds{0, 1}));
}

TEST_P(LogContract, NamesAreLimited) {
    EXPECT_EQ(code_of(rig.logs().open_log("")), "storage.invalid");
    EXPECT_EQ(code_of(rig.logs().open_log(std::string(256, 'n'))), "storage.invalid");
    EXPECT_EQ(append(rig.log(std::string(255, 'n')), batch(1, 1)), 0u);
}

TEST_P(LogContract, ABatchMayBeLarge) {
    StreamLog& log = rig.log("a");
    const Batch large = batch(1, 100, 6 * 1024 * 1024);
    append(log, large);
    append(log, batch(1, 101));
    EXPECT_EQ(*read(log, 0)[0].payload, large.payload);
    EXPECT_THAT(bases(log, 0), ElementsAre(0, 1));
}

}  // namespace mill::storage::contract
