// SPDX-License-Identifier: Apache-2.0
// When the store fails: the call fails, the server goes on.
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::ElementsAre;

// Fails the appends to logs whose name ends in `suffix`; with damage, which says what to do, reads
// as well.
struct Faults {
    std::string suffix = "none";
    bool are_damage = false;
    machine::Executor* come_late_on = nullptr;  // if set, they come after the appends were placed
    Failure failure() const {
        return are_damage ? fail("storage.corrupt", "1.segment at byte 8: a damaged entry")
                          : fail("io.no_space", "no space left");
    }
};

class FaultyLog final : public storage::StreamLog {
  public:
    FaultyLog(storage::StreamLog& log, std::string name, const Faults& faults)
        : log_(log), name_(std::move(name)), faults_(faults) {}
    Result<storage::Appending> begin_append(storage::Batch batch) override {
        if (!name_.ends_with(faults_.suffix)) return log_.begin_append(std::move(batch));
        if (!faults_.come_late_on) return faults_.failure();
        const storage::Appending appending(*faults_.come_late_on);
        appending.place(log_.bounds().next);
        appending.finish(faults_.failure());
        return appending;
    }
    Task<Result<std::vector<storage::StoredBatch>>> read(storage::Offset from,
                                                         storage::ReadLimits limits) override {
        if (faults_.are_damage && name_.ends_with(faults_.suffix)) co_return faults_.failure();
        co_return co_await log_.read(from, limits);
    }
    Task<Result<storage::Offset>> offset_at(WallTime time) override { return log_.offset_at(time); }
    Task<Result<void>> trim(storage::Offset before) override { return log_.trim(before); }
    storage::Bounds bounds() const override { return log_.bounds(); }
    WallTime last_arrival() const override { return log_.last_arrival(); }

  private:
    storage::StreamLog& log_;
    std::string name_;
    const Faults& faults_;
};

class FaultyStore final : public storage::LogStore {
  public:
    FaultyStore(std::unique_ptr<storage::LogStore> store, const Faults& faults)
        : store_(std::move(store)), faults_(faults) {}
    Result<storage::StreamLog*> open_log(const std::string& name) override {
        MILL_TRY(storage::StreamLog * log, store_->open_log(name));
        opened_.push_back(std::make_unique<FaultyLog>(*log, name, faults_));
        return opened_.back().get();
    }
    Task<Result<void>> drop_log(const std::string& name) override { return store_->drop_log(name); }
    std::vector<std::string> log_names() const override { return store_->log_names(); }

  private:
    std::unique_ptr<storage::LogStore> store_;
    std::vector<std::unique_ptr<FaultyLog>> opened_;
    const Faults& faults_;
};

struct FailuresTest : KinesisTest {
    FailuresTest() {
        engine_.logs = std::make_unique<FaultyStore>(std::move(engine_.logs), faults_);
        reopen();
    }
    Faults faults_;
};

TEST_F(FailuresTest, PutRecordFailsInternallyAndLaterOnesDoNot) {
    create("orders");
    faults_.suffix = "/0";
    const auto failed =
        call("PutRecord", R"({"StreamName":"orders","PartitionKey":"k","Data":"MQ=="})");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().status, 0) << "never shown to the client";
    faults_.suffix = "none";
    put("k", "two");
    EXPECT_THAT(records(), ElementsAre("two"));
}

TEST_F(FailuresTest, PutRecordsFailsTheRecordsOfTheFailedShardAlone) {
    create("orders", 2);
    faults_.suffix = "/1";
    for (machine::Executor* late :
         {static_cast<machine::Executor*>(nullptr), &sim_.machine().executor}) {
        faults_.come_late_on = late;
        const auto answer = ok("PutRecords", R"({"StreamName":"orders","Records":[
        {"PartitionKey":"k","ExplicitHashKey":"340282366920938463463374607431768211455","Data":"MQ=="},
        {"PartitionKey":"k","ExplicitHashKey":"0","Data":"Mg=="}]})");
        EXPECT_EQ(*answer.find("FailedRecordCount")->integer(), 1);
        const auto& results = *answer.find("Records")->items();
        EXPECT_EQ(wire::write_json(results[0]),
                  R"({"ErrorCode":"InternalFailure","ErrorMessage":"Internal Service Failure"})");
        EXPECT_EQ(wire::text_of(results[1], "ShardId"), "shardId-000000000000");
    }
    EXPECT_THAT(records("0"), ElementsAre("2", "2"));
}

// Damage may hide that there was something: its end is not the end of the shard.
TEST_F(FailuresTest, AStoppedShardIsNoEmptyOneAndSaysWhatIsDamaged) {
    create("orders", 2);
    const std::string at_end = iterator("LATEST", "", "1");
    const std::string other = iterator("LATEST", "", "0");
    faults_ = {.suffix = "/1", .are_damage = true};
    EXPECT_EQ(error("GetRecords", R"({"ShardIterator":")" + at_end + R"("})"),
              "storage.corrupt: 1.segment at byte 8: a damaged entry");
    EXPECT_THAT(data_of(get(other)), ElementsAre());
    const auto answer = ok("PutRecords", R"({"StreamName":"orders","Records":[
        {"PartitionKey":"k","ExplicitHashKey":"340282366920938463463374607431768211455","Data":"MQ=="}]})");
    EXPECT_EQ(
        wire::write_json((*answer.find("Records")->items())[0]),
        R"({"ErrorCode":"InternalFailure","ErrorMessage":"1.segment at byte 8: a damaged entry"})");
}

}  // namespace
}  // namespace mill::kinesis
