// SPDX-License-Identifier: Apache-2.0
// Groups, streams, retention.
#include <gmock/gmock.h>

#include "services/logs/logs_fixture.h"

namespace mill::logs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct GroupsTest : LogsTest {
    std::vector<std::string> groups(const std::string& json = "{}") {
        return texts(ok("DescribeLogGroups", json), "logGroups", "logGroupName");
    }
    wire::Value streams(const std::string& more = "") {
        return ok("DescribeLogStreams", R"({"logGroupName":"g")" + more + "}");
    }
    static std::vector<std::string> names(const wire::Value& answer) {
        return texts(answer, "logStreams", "logStreamName");
    }
};

TEST_F(GroupsTest, NewGroupIsDescribedAndSurvivesARestart) {
    create("g", "s");
    reopen();
    const auto group = ok("DescribeLogGroups", "{}").find("logGroups")->items()->at(0);
    EXPECT_EQ(wire::text_of(group, "arn"), "arn:aws:logs:us-east-1:000000000000:log-group:g:*");
    EXPECT_EQ(wire::text_of(group, "logGroupArn"),
              "arn:aws:logs:us-east-1:000000000000:log-group:g");
    EXPECT_EQ(wire::text_of(group, "logGroupClass"), "STANDARD");
    EXPECT_EQ(group.find("retentionInDays"), nullptr);
    const auto stream = streams().find("logStreams")->items()->at(0);
    EXPECT_EQ(wire::text_of(stream, "arn"),
              "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s");
    EXPECT_EQ(stream.find("lastEventTimestamp"), nullptr);
}

TEST_F(GroupsTest, DuplicatesAndUnknownOnesAreRefusedInTheWordsOfAws) {
    create("g", "s");
    EXPECT_EQ(error("CreateLogGroup", R"({"logGroupName":"g"})"),
              "ResourceAlreadyExistsException: The specified log group already exists");
    EXPECT_EQ(error("CreateLogStream", R"({"logGroupName":"g","logStreamName":"s"})"),
              "ResourceAlreadyExistsException: The specified log stream already exists");
    EXPECT_EQ(error("CreateLogStream", R"({"logGroupName":"x","logStreamName":"s"})"),
              "ResourceNotFoundException: The specified log group does not exist.");
    EXPECT_EQ(error("DeleteLogStream", R"({"logGroupName":"g","logStreamName":"x"})"),
              "ResourceNotFoundException: The specified log stream does not exist.");
    EXPECT_THAT(error("CreateLogGroup", R"({"logGroupName":"a b"})"),
                HasSubstr("InvalidParameterException: 1 validation error detected: Value 'a b' at "
                          "'logGroupName'"));
}

TEST_F(GroupsTest, WhatIsNotCarriedOutIsRefused) {
    const auto refusal = [&](const std::string& member) {
        return error("CreateLogGroup", R"({"logGroupName":"new",)" + member + "}");
    };
    EXPECT_THAT(refusal(R"("kmsKeyId":"arn:aws:kms:us-east-1:000000000000:key/1")"),
                HasSubstr("InvalidParameterException"));
    EXPECT_THAT(refusal(R"("logGroupClass":"DELIVERY")"), HasSubstr("logGroupClass"));
    EXPECT_THAT(groups(), IsEmpty());
    ok("CreateLogGroup", R"({"logGroupName":"new","logGroupClass":"STANDARD"})");
    EXPECT_THAT(groups(), ElementsAre("new"));
}

TEST_F(GroupsTest, GroupsAreFoundByClassAndIdentifier) {
    for (const char* name : {"a", "b", "c"}) create(name, "s");
    EXPECT_THAT(groups(R"({"logGroupClass":"STANDARD"})"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(groups(R"({"logGroupClass":"DELIVERY"})"), IsEmpty());
    EXPECT_THAT(groups(R"({"logGroupIdentifiers":["c",
        "arn:aws:logs:us-east-1:000000000000:log-group:a"]})"),
                ElementsAre("a", "c"));
}

TEST_F(GroupsTest, GroupsArePagedByName) {
    for (const auto* name : {"b", "a", "c"})
        ok("CreateLogGroup", fmt::format(R"({{"logGroupName":"{}"}})", name));
    const auto page = ok("DescribeLogGroups", R"({"limit":2})");
    EXPECT_THAT(texts(page, "logGroups", "logGroupName"), ElementsAre("a", "b"));
    EXPECT_THAT(groups(R"({"nextToken":")" + wire::text_of(page, "nextToken") + "\"}"),
                ElementsAre("c"));
    EXPECT_THAT(groups(R"({"logGroupNamePrefix":"b"})"), ElementsAre("b"));
    EXPECT_EQ(error("DescribeLogGroups", R"({"logGroupNamePrefix":"b","logGroupNamePattern":"b"})"),
              "InvalidParameterException: LogGroup name prefix and LogGroup name pattern are "
              "mutually exclusive parameters.");
    caller_.region = "eu-west-1";
    EXPECT_THAT(groups(), IsEmpty());
}

TEST_F(GroupsTest, StreamsAreOrderedByNameOrLastEvent) {
    create("g", "b");
    for (const auto* name : {"a", "c"}) {
        ok("CreateLogStream", fmt::format(R"({{"logGroupName":"g","logStreamName":"{}"}})", name));
    }
    put(event(now_ms() - 10, "x"), "c");
    put(event(now_ms() - 5, "x"), "a");
    EXPECT_THAT(names(streams()), ElementsAre("a", "b", "c"));
    EXPECT_THAT(names(streams(R"(,"descending":true)")), ElementsAre("c", "b", "a"));
    EXPECT_THAT(names(streams(R"(,"orderBy":"LastEventTime","descending":true)")),
                ElementsAre("a", "c", "b"));
    EXPECT_THAT(names(streams(R"(,"logStreamNamePrefix":"b")")), ElementsAre("b"));
    const auto page = streams(R"(,"orderBy":"LastEventTime","limit":2)");
    EXPECT_THAT(names(page), ElementsAre("b", "c"));
    const std::string token =
        R"(,"orderBy":"LastEventTime","nextToken":")" + wire::text_of(page, "nextToken") + "\"";
    EXPECT_THAT(names(streams(token)), ElementsAre("a"));
}

TEST_F(GroupsTest, StreamSummariesSurviveARestart) {
    create();
    const auto time = now_ms();
    put(event(time - 20, "x") + "," + event(time - 10, "y"));
    reopen();
    const auto stream = streams().find("logStreams")->items()->at(0);
    EXPECT_EQ(*stream.find("firstEventTimestamp")->integer(), time - 20);
    EXPECT_EQ(*stream.find("lastEventTimestamp")->integer(), time - 10);
    EXPECT_NE(stream.find("lastIngestionTime"), nullptr);
}

TEST_F(GroupsTest, DeletedGroupLeavesNothingBehind) {
    create();
    put(event(now_ms(), "old"));
    ok("DeleteLogGroup", R"({"logGroupName":"g"})");
    EXPECT_THAT(groups(), IsEmpty());
    EXPECT_TRUE(engine_.logs->log_names().empty());
    EXPECT_TRUE(engine_.table->scan("logs/")->empty());
    EXPECT_EQ(error("DeleteLogGroup", R"({"logGroupName":"g"})"),
              "ResourceNotFoundException: The specified log group does not exist.");
    print("new");
    sim_.run_for(std::chrono::seconds(1));
    reopen();
    EXPECT_THAT(texts(filter()), ElementsAre("new"));
}

TEST_F(GroupsTest, EventsOfADeletedStreamDoNotComeBackWithANewOne) {
    create();
    put(event(now_ms(), "old"));
    ok("DeleteLogStream", R"({"logGroupName":"g","logStreamName":"s"})");
    EXPECT_THAT(texts(filter()), IsEmpty());
    reopen();
    ok("CreateLogStream", R"({"logGroupName":"g","logStreamName":"s"})");
    EXPECT_THAT(texts(get()), IsEmpty());
    EXPECT_THAT(texts(filter()), IsEmpty());
}

TEST_F(GroupsTest, RetentionHidesWhatIsOlder) {
    create();
    put(event(now_ms(), "old"));
    ok("PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":1})");
    sim_.run_for(std::chrono::hours(25));
    put(event(now_ms(), "new"));
    EXPECT_THAT(texts(filter()), ElementsAre("new"));
    EXPECT_THAT(texts(get()), ElementsAre("new"));
    sim_.run_for(std::chrono::seconds(1));
    EXPECT_EQ((*engine_.logs->open_log(engine_.logs->log_names().at(0)))->bounds().first, 1U)
        << "the space is back";
    reopen();
    EXPECT_EQ(*ok("DescribeLogGroups", "{}")
                   .find("logGroups")
                   ->items()
                   ->at(0)
                   .find("retentionInDays")
                   ->integer(),
              1);
    ok("DeleteRetentionPolicy", R"({"logGroupName":"g"})");
    EXPECT_EQ(
        ok("DescribeLogGroups", "{}").find("logGroups")->items()->at(0).find("retentionInDays"),
        nullptr);
    EXPECT_THAT(error("PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":2})"),
                HasSubstr("InvalidParameterException: 1 validation error detected: Value '2' at "
                          "'retentionInDays' failed to "
                          "satisfy constraint: Member must satisfy enum value set: [1, 3, 5, "));
}

}  // namespace
}  // namespace mill::logs
