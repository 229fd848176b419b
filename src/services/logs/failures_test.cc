// SPDX-License-Identifier: Apache-2.0
// When the store fails: who waits is told, output waits in memory, and all is written once the
// store is back.
#include <gmock/gmock.h>

#include "services/logs/logs_fixture.h"
#include "storage/contract/troubled_table.h"

namespace mill::logs {
namespace {

using storage::contract::TroubledTable;
using testing::ElementsAre;
using testing::IsEmpty;

struct FailuresTest : LogsTest {
    FailuresTest() {
        auto table = std::make_unique<TroubledTable>(sim_.machine(), std::move(engine_.table));
        table_ = table.get();
        engine_.table = std::move(table);
        reopen();
    }
    TroubledTable* table_;
};

TEST_F(FailuresTest, OutputIsReadableMeanwhileAndWrittenLater) {
    table_->is_failing = true;
    print("one");
    sim_.run_for(std::chrono::seconds(5));
    EXPECT_THAT(texts(filter()), ElementsAre("one"));
    table_->is_failing = false;
    sim_.run_for(std::chrono::seconds(5));
    reopen();
    EXPECT_THAT(texts(filter()), ElementsAre("one"));
}

TEST_F(FailuresTest, AnOperationFailsInternallyAndTheGroupGoesOn) {
    create();
    table_->is_failing = true;
    const auto failed = call("CreateLogStream", R"({"logGroupName":"g","logStreamName":"t"})");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().status, 0) << "never shown to the client";
    table_->is_failing = false;
    put(event(now_ms(), "x"));
    EXPECT_THAT(texts(get()), ElementsAre("x"));
}

TEST_F(FailuresTest, AGroupThatCouldNotBeDeletedIsStillThere) {
    create();
    put(event(now_ms(), "x"));
    table_->is_failing = true;
    EXPECT_FALSE(call("DeleteLogGroup", R"({"logGroupName":"g"})"));
    EXPECT_THAT(texts(get()), ElementsAre("x"));
    table_->is_failing = false;
    ok("DeleteLogGroup", R"({"logGroupName":"g"})");
    EXPECT_TRUE(engine_.logs->log_names().empty());
}

TEST_F(FailuresTest, AGroupDeletedWhileItsOutputWaitsIsGone) {
    create();
    table_->is_failing = true;
    print("one", "new-stream");
    sim_.run_for(std::chrono::milliseconds(500));
    table_->is_failing = false;
    ok("DeleteLogGroup", R"({"logGroupName":"g"})");
    sim_.run_for(std::chrono::seconds(5));
    EXPECT_THAT(texts(ok("DescribeLogGroups", "{}"), "logGroups", "logGroupName"), IsEmpty());
    EXPECT_TRUE(engine_.table->scan("logs/")->empty());
}

}  // namespace
}  // namespace mill::logs
