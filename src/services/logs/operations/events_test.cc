// SPDX-License-Identifier: Apache-2.0
// PutLogEvents, GetLogEvents, FilterLogEvents, and functions' output.
#include <gmock/gmock.h>

#include "services/logs/logs_fixture.h"

namespace mill::logs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct EventsTest : LogsTest {
    static std::string forward(const wire::Value& page) {
        return wire::text_of(page, "nextForwardToken");
    }
    static std::string backward(const wire::Value& page) {
        return wire::text_of(page, "nextBackwardToken");
    }
    wire::Value at(const std::string& token, const std::string& more = "") {
        return get(R"(,"nextToken":")" + token + "\"" + more);
    }
    void put_five() {
        create();
        const auto time = now_ms() - 100;
        put(event(time, "1") + "," + event(time + 1, "2") + "," + event(time + 1, "3") + "," +
            event(time + 2, "4") + "," + event(time + 3, "5"));
    }
};

TEST_F(EventsTest, AreDurableWhenAnswered) {
    put_five();
    reopen();
    EXPECT_THAT(texts(get()), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(EventsTest, PutChecksOrderSpanSizeAndPlace) {
    create();
    const auto time = now_ms();
    const auto refused = [&](const std::string& events, const std::string& stream = "s") {
        return error("PutLogEvents",
                     fmt::format(R"({{"logGroupName":"g","logStreamName":"{}","logEvents":[{}]}})",
                                 stream, events));
    };
    EXPECT_EQ(refused(event(time, "a") + "," + event(time - 1, "b")),
              "InvalidParameterException: Log events in a single PutLogEvents request must be in "
              "chronological order.");
    EXPECT_THAT(refused(event(time - 86'400'001, "a") + "," + event(time, "b")),
                HasSubstr("24 hours"));
    EXPECT_THAT(refused(event(time, std::string(1'048'551, 'x'))),
                HasSubstr("InvalidParameterException: Upload too large"));
    EXPECT_THAT(refused(event(time, "")), HasSubstr("at 'logEvents.1.member.message'"));
    EXPECT_EQ(refused(event(time, "a"), "x"),
              "ResourceNotFoundException: The specified log stream does not exist.");
    EXPECT_THAT(texts(get()), IsEmpty());
}

TEST_F(EventsTest, TooOldAndTooNewEventsAreRejectedOneByOne) {
    create();
    const std::int64_t hour = 3'600'000;
    const auto time = now_ms();
    const auto old =
        put(event(time - 14 * 24 * hour - 1, "a") + "," + event(time - 14 * 24 * hour + 1000, "b"));
    EXPECT_EQ(wire::write_json(*old.find("rejectedLogEventsInfo")),
              R"({"tooOldLogEventEndIndex":1})");
    const auto fresh = put(event(time, "c") + "," + event(time + 2 * hour + 1000, "d"));
    EXPECT_EQ(wire::write_json(*fresh.find("rejectedLogEventsInfo")),
              R"({"tooNewLogEventStartIndex":1})");
    EXPECT_EQ(wire::text_of(fresh, "nextSequenceToken").size(), 56U);
    EXPECT_THAT(texts(filter()), ElementsAre("b", "c"));
}

TEST_F(EventsTest, PagesGoForwardsFromTheHeadAndRepeatTheLastToken) {
    put_five();
    const auto first = get(R"(,"limit":2,"startFromHead":true)");
    EXPECT_THAT(texts(first), ElementsAre("1", "2"));
    const auto second = at(forward(first), R"(,"limit":2)");
    EXPECT_THAT(texts(second), ElementsAre("3", "4"));
    const auto third = at(forward(second), R"(,"limit":2)");
    EXPECT_THAT(texts(third), ElementsAre("5"));
    const auto end = at(forward(third));
    EXPECT_THAT(texts(end), IsEmpty());
    EXPECT_EQ(forward(end), forward(third));
    EXPECT_THAT(texts(at(backward(end), R"(,"limit":1)")), ElementsAre("5"));
    put(event(now_ms(), "6"));
    EXPECT_THAT(texts(at(forward(end))), ElementsAre("6"));
}

TEST_F(EventsTest, PagesGoBackwardsFromTheNewest) {
    put_five();
    const auto last = get(R"(,"limit":2)");
    EXPECT_THAT(texts(last), ElementsAre("4", "5"));
    const auto before = at(backward(last), R"(,"limit":2)");
    EXPECT_THAT(texts(before), ElementsAre("2", "3"));
    const auto first = at(backward(before), R"(,"limit":2)");
    EXPECT_THAT(texts(first), ElementsAre("1"));
    const auto end = at(backward(first));
    EXPECT_THAT(texts(end), IsEmpty());
    EXPECT_EQ(backward(end), backward(first));
    EXPECT_THAT(texts(at(forward(end), R"(,"limit":1)")), ElementsAre("1"));
    EXPECT_EQ(error("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s","nextToken":"x"})"),
              "InvalidParameterException: The specified nextToken is invalid.");
}

TEST_F(EventsTest, AnEmptyStreamHasTokensThatLaterEventsFollow) {
    create();
    const auto empty = get();
    EXPECT_THAT(texts(empty), IsEmpty());
    EXPECT_THAT(forward(empty), testing::MatchesRegex("f/[0-9]+/s"));
    put(event(now_ms(), "1"));
    EXPECT_THAT(texts(at(forward(empty))), ElementsAre("1"));
}

TEST_F(EventsTest, TimesBoundAPage) {
    create();
    const auto time = now_ms() - 100;
    put(event(time, "1") + "," + event(time + 1, "2") + "," + event(time + 2, "3"));
    EXPECT_THAT(texts(get(fmt::format(R"(,"startTime":{},"endTime":{})", time + 1, time + 2))),
                ElementsAre("2"));
    EXPECT_THAT(texts(filter(fmt::format(R"(,"startTime":{},"endTime":{})", time + 1, time + 2))),
                ElementsAre("2", "3"));
    EXPECT_EQ(error("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s","limit":10001})"),
              "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' "
              "failed to satisfy "
              "constraint: Member must have value less than or equal to 10000");
}

TEST_F(EventsTest, FilterMergesStreamsByTimeAndPages) {
    create("g", "a");
    ok("CreateLogStream", R"({"logGroupName":"g","logStreamName":"b"})");
    const auto time = now_ms() - 100;
    put(event(time + 1, "ERROR 2") + "," + event(time + 3, "ERROR 4"), "a");
    put(event(time, "ERROR 1") + "," + event(time + 2, "INFO 3"), "b");
    EXPECT_THAT(texts(filter()), ElementsAre("ERROR 1", "ERROR 2", "INFO 3", "ERROR 4"));
    EXPECT_THAT(texts(filter(R"(,"filterPattern":"ERROR")")),
                ElementsAre("ERROR 1", "ERROR 2", "ERROR 4"));
    EXPECT_THAT(texts(filter(R"(,"logStreamNames":["b"])")), ElementsAre("ERROR 1", "INFO 3"));
    EXPECT_THAT(texts(filter(R"(,"logStreamNamePrefix":"a")")), ElementsAre("ERROR 2", "ERROR 4"));
    const auto page = filter(R"(,"limit":3)");
    EXPECT_THAT(texts(page, "events", "logStreamName"), ElementsAre("b", "a", "b"));
    const auto rest = filter(R"(,"nextToken":")" + wire::text_of(page, "nextToken") + "\"");
    EXPECT_THAT(texts(rest), ElementsAre("ERROR 4"));
    EXPECT_EQ(rest.find("nextToken"), nullptr);
    EXPECT_TRUE(rest.find("searchedLogStreams")->items()->empty());
    EXPECT_EQ(wire::text_of(rest.find("events")->items()->at(0), "eventId").size(), 56U);
    EXPECT_EQ(error("FilterLogEvents", R"({"logGroupName":"x"})"),
              "ResourceNotFoundException: The specified log group does not exist.");
    EXPECT_THAT(
        texts(ok(
            "FilterLogEvents",
            R"({"logGroupIdentifier":"arn:aws:logs:us-east-1:000000000000:log-group:g","limit":1})")),
        ElementsAre("ERROR 1"));
}

TEST_F(EventsTest, LateEventsAreFoundByTheirTimestamp) {
    create();
    const auto time = now_ms();
    sim_.run_for(std::chrono::hours(30));
    put(event(now_ms(), "new"));
    put(event(time, "late"));
    EXPECT_THAT(texts(filter(fmt::format(R"(,"startTime":{},"endTime":{})", time, time))),
                ElementsAre("late"));
    reopen();
    EXPECT_THAT(texts(filter(fmt::format(R"(,"startTime":{},"endTime":{})", time, time))),
                ElementsAre("late"));
    EXPECT_THAT(texts(get()), ElementsAre("late", "new"));
}

TEST_F(EventsTest, PrintedLinesAreReadableAtOnceAndInOrder) {
    print("one");
    print("two");
    print("other", "t");
    // Nothing has run since: they are still on their way to the disk.
    EXPECT_THAT(texts(filter()), ElementsAre("one", "two", "other"));
    print("three");
    EXPECT_THAT(texts(get()), ElementsAre("one", "two", "three"));
    sim_.run_for(std::chrono::seconds(1));
    reopen();
    EXPECT_THAT(texts(get()), ElementsAre("one", "two", "three"));
    EXPECT_THAT(texts(filter()), ElementsAre("one", "two", "other", "three"));
}

TEST_F(EventsTest, MuchOutputIsPagedByBytes) {
    const std::string line(300'000, 'x');
    for (int i = 0; i < 20; ++i) print(line);
    sim_.run_for(std::chrono::seconds(1));
    reopen();
    std::size_t count = 0;
    std::string token;
    for (int pages = 0; pages < 20; ++pages) {
        const auto page = filter(token.empty() ? "" : R"(,"nextToken":")" + token + "\"");
        EXPECT_LE(texts(page).size(), 3U);
        count += texts(page).size();
        token = wire::text_of(page, "nextToken");
        if (token.empty()) break;
    }
    EXPECT_EQ(count, 20U);
}

}  // namespace
}  // namespace mill::logs
