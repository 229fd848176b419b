// SPDX-License-Identifier: Apache-2.0
// Subscription filters: what is delivered, when again, and what is kept over a crash.
#include <gmock/gmock.h>
#include <zlib.h>

#include "services/logs/logs_fixture.h"
#include "storage/contract/troubled_table.h"

namespace mill::logs {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using storage::contract::TroubledTable;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::string unzipped(const Bytes& zipped) {
    constexpr int gzip_only = 16 + MAX_WBITS;
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, gzip_only), Z_OK);
    std::string out(4 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
    stream.avail_in = static_cast<uInt>(zipped.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

class KeptDeliveries final : public ports::LogDestination {
  public:
    Result<void> check(const ports::LogSource& source, const std::string&) override {
        if (source.group == refused_group) return fail("InvalidParameterException", "own", 400);
        return {};
    }
    Task<Result<void>> deliver(ports::LogDelivery delivery) override {
        ++attempts;
        if (error.status >= 0) co_return std::unexpected(error);
        keys.push_back(delivery.partition_key);
        sizes.push_back(delivery.document.size());
        documents.push_back(*wire::parse_json(unzipped(delivery.document)));
        co_return Result<void>();
    }
    std::vector<std::string> messages() const {
        std::vector<std::string> out;
        for (const auto& document : documents) {
            for (const auto& event : *document.find("logEvents")->items())
                out.push_back(wire::text_of(event, "message"));
        }
        return out;
    }

    std::string refused_group;
    Error error{"", "", -1};  // none
    int attempts = 0;
    std::vector<std::string> keys;
    std::vector<std::size_t> sizes;
    std::vector<wire::Value> documents;
};

struct SubscriptionsTest : LogsTest {
    SubscriptionsTest() {
        begin();
        create();
    }
    void begin() {
        logs_->subscriptions().start({{"lambda", &functions_}, {"kinesis", &streams_}});
    }
    void crash() {
        reopen();
        begin();
    }
    static std::string request(const std::string& more = "", const std::string& pattern = "",
                               const std::string& name = "f", const std::string& service = "lambda",
                               const std::string& resource = "function:f") {
        return fmt::format(R"({{"logGroupName":"g","filterName":"{}","filterPattern":"{}",)"
                           R"("destinationArn":"arn:aws:{}:us-east-1:000000000000:{}"{}}})",
                           name, pattern, service, resource, more);
    }
    void subscribe(const std::string& pattern = "") {
        ok("PutSubscriptionFilter", request("", pattern));
    }
    static std::string to_stream(const std::string& more) {
        return request(R"(,"roleArn":"arn:aws:iam::000000000000:role/r")" + more, "", "f",
                       "kinesis", "stream/orders");
    }
    void settle() { sim_.run_for(seconds(1)); }

    KeptDeliveries functions_, streams_;
};

struct SlowSubscriptionsTest : SubscriptionsTest {
    SlowSubscriptionsTest() {
        auto table = std::make_unique<TroubledTable>(
            sim_.machine(), std::move(engine_.table),
            storage::contract::Slowness{.before = milliseconds(50)});
        table_ = table.get();
        engine_.table = std::move(table);
        crash();
    }
    static constexpr std::string_view named_f = R"({"logGroupName":"g","filterName":"f"})";
    TroubledTable* table_;
};

TEST_F(SubscriptionsTest, WhatMatchesIsDeliveredAsAwsWritesIt) {
    subscribe("error");
    const std::int64_t now = now_ms();
    put(event(now, "fine") + "," + event(now, "an error \\\"here\\\""));
    settle();
    ASSERT_THAT(functions_.documents, SizeIs(1));
    const wire::Value& document = functions_.documents.front();
    EXPECT_EQ(wire::text_of(document, "messageType"), "DATA_MESSAGE");
    EXPECT_EQ(wire::text_of(document, "owner"), "000000000000");
    EXPECT_EQ(wire::text_of(document, "logGroup"), "g");
    EXPECT_EQ(wire::text_of(document, "logStream"), "s");
    EXPECT_EQ(*document.find("subscriptionFilters")->items()->front().string(), "f");
    const wire::Value& one = document.find("logEvents")->items()->front();
    EXPECT_EQ(wire::text_of(one, "message"), "an error \"here\"");
    EXPECT_EQ(*one.find("timestamp")->integer(), now);
    const auto found = filter(R"(,"filterPattern":"error")");
    EXPECT_EQ(wire::text_of(one, "id"),
              wire::text_of(found.find("events")->items()->front(), "eventId"));
}

TEST_F(SubscriptionsTest, WhatWasThereBeforeIsNotDelivered) {
    print("before");
    subscribe();
    print("after");
    settle();
    EXPECT_THAT(functions_.messages(), ElementsAre("after"));
}

TEST_F(SubscriptionsTest, EachStreamOfTheGroupHasItsOwnDeliveries) {
    subscribe();
    print("1", "a");
    print("2", "b");
    print("3", "a");
    settle();
    EXPECT_THAT(functions_.keys, ElementsAre("a", "b"));
    EXPECT_THAT(functions_.messages(), ElementsAre("1", "3", "2"));
}

TEST_F(SubscriptionsTest, AStreamOfKinesisIsTriedByAControlMessage) {
    ok("PutSubscriptionFilter", to_stream(""));
    ASSERT_THAT(streams_.documents, SizeIs(1));
    EXPECT_EQ(wire::text_of(streams_.documents.front(), "messageType"), "CONTROL_MESSAGE");
    print("x");
    settle();
    EXPECT_EQ(streams_.keys.back(), "s");
    ok("PutSubscriptionFilter", to_stream(R"(,"distribution":"Random")"));
    print("y");
    settle();
    EXPECT_NE(streams_.keys.back(), "s");
    EXPECT_EQ(streams_.messages().back(), "y");
}

TEST_F(SubscriptionsTest, ABusyDestinationIsTriedAgainAndHoldsUpNothing) {
    subscribe();
    functions_.error = {"TooManyRequestsException", "Rate Exceeded.", 429};
    print("one");
    sim_.run_for(seconds(30));
    EXPECT_GT(functions_.attempts, 3);
    for (int i = 0; i < 100; ++i) put(event(now_ms(), "more"));
    EXPECT_THAT(texts(filter()), SizeIs(101));
    functions_.error.status = -1;
    sim_.run_for(seconds(120));
    EXPECT_THAT(functions_.messages(), SizeIs(101));
}

TEST_F(SubscriptionsTest, ADestinationThatIsGoneMissesWhatComesAndIsTakenUpAgain) {
    subscribe();
    functions_.error = {"ResourceNotFoundException", "Function not found", 404};
    print("one");
    settle();
    EXPECT_EQ(functions_.attempts, 1);
    functions_.error.status = -1;
    print("two");
    settle();
    EXPECT_THAT(functions_.messages(), ElementsAre("two"));
}

TEST_F(SubscriptionsTest, WhatCouldNotBeDeliveredForADayIsPassedOver) {
    subscribe();
    functions_.error = {"ServiceException", "", 500};
    print("one");
    sim_.run_for(hours(25));
    functions_.error.status = -1;
    print("two");
    sim_.run_for(seconds(90));
    EXPECT_THAT(functions_.messages(), ElementsAre("two"));
}

TEST_F(SubscriptionsTest, AnotherDestinationGetsWhatTheOldOneDidNotTake) {
    subscribe();
    functions_.error = {"ServiceException", "", 500};
    print("one");
    settle();
    ok("PutSubscriptionFilter", to_stream(""));
    sim_.run_for(seconds(10));
    EXPECT_THAT(streams_.messages(), Contains("one"));
}

TEST_F(SlowSubscriptionsTest, AFilterPutWhileItsNamesakeIsDeletedIsAnotherOne) {
    subscribe();
    Scope scope;
    const auto until_done = [&](std::string name, std::string json) -> Task<void> {
        EXPECT_TRUE(co_await start(name, json)) << name;
    };
    scope.spawn(until_done("DeleteSubscriptionFilter", std::string(named_f)));
    scope.spawn(until_done("PutSubscriptionFilter", request("", "wanted")));
    settle();
    print("wanted");
    settle();
    EXPECT_THAT(functions_.messages(), ElementsAre("wanted"));
}

TEST_F(SlowSubscriptionsTest, AFilterDeletedDuringItsDeliveryLeavesNothing) {
    subscribe();
    print("one");
    sim_.run_for(milliseconds(80));  // what is gathered for a moment is delivered in the next
    ok("DeleteSubscriptionFilter", named_f);
    settle();
    EXPECT_TRUE(engine_.table->scan("logs/place/")->empty());
    EXPECT_TRUE(engine_.table->scan("logs/subscription/")->empty());
}

TEST_F(SlowSubscriptionsTest, AFilterThatCouldNotBeDeletedGoesOn) {
    subscribe();
    table_->is_failing = true;
    EXPECT_FALSE(call("DeleteSubscriptionFilter", named_f));
    table_->is_failing = false;
    print("one");
    settle();
    EXPECT_THAT(functions_.messages(), ElementsAre("one"));
    ok("DeleteSubscriptionFilter", named_f);
}

TEST_F(SubscriptionsTest, ACrashDeliversWhatWasDurableAndNotDelivered) {
    subscribe();
    put(event(now_ms(), "one"));
    settle();
    functions_.error = {"ServiceException", "", 500};
    put(event(now_ms(), "two"));
    settle();
    crash();
    functions_.error.status = -1;
    settle();
    EXPECT_THAT(functions_.messages(), ElementsAre("one", "two"));
}

TEST_F(SubscriptionsTest, LargeLoadsAreCutToWhatADestinationTakes) {
    subscribe();
    const std::string text(100'000, 'x');
    for (int i = 0; i < 20; ++i) print(text);
    settle();
    EXPECT_THAT(functions_.messages(), SizeIs(20));
    EXPECT_GE(functions_.documents.size(), 4u);
}

TEST_F(SubscriptionsTest, FiltersAreDescribedChangedAndDeleted) {
    subscribe("one");
    ok("PutSubscriptionFilter", request("", "two", "other"));
    ok("PutSubscriptionFilter", request("", "three", "f"));
    EXPECT_EQ(error("PutSubscriptionFilter", request("", "", "third")),
              "LimitExceededException: Resource limit exceeded.");
    crash();
    const auto listed = ok("DescribeSubscriptionFilters", R"({"logGroupName":"g"})");
    EXPECT_THAT(texts(listed, "subscriptionFilters", "filterPattern"), ElementsAre("three", "two"));
    const auto page = ok("DescribeSubscriptionFilters", R"({"logGroupName":"g","limit":1})");
    EXPECT_THAT(texts(page, "subscriptionFilters", "filterName"), ElementsAre("f"));
    EXPECT_THAT(
        texts(ok("DescribeSubscriptionFilters",
                 R"({"logGroupName":"g","nextToken":")" + wire::text_of(page, "nextToken") + "\"}"),
              "subscriptionFilters", "filterName"),
        ElementsAre("other"));
    ok("DeleteSubscriptionFilter", R"({"logGroupName":"g","filterName":"f"})");
    EXPECT_EQ(error("DeleteSubscriptionFilter", R"({"logGroupName":"g","filterName":"f"})"),
              "ResourceNotFoundException: The specified subscription filter does not exist.");
    print("three");
    print("two");
    settle();
    EXPECT_THAT(functions_.messages(), ElementsAre("two"));
}

TEST_F(SubscriptionsTest, ADeletedGroupTakesItsFiltersWithIt) {
    subscribe();
    ok("DeleteLogGroup", R"({"logGroupName":"g"})");
    EXPECT_TRUE(engine_.table->scan("logs/")->empty());
    create();
    print("x");
    settle();
    EXPECT_THAT(functions_.messages(), IsEmpty());
}

TEST_F(SubscriptionsTest, WhatCannotBeIsRefused) {
    functions_.refused_group = "g";
    EXPECT_EQ(error("PutSubscriptionFilter", request()), "InvalidParameterException: own");
    EXPECT_EQ(error("PutSubscriptionFilter", request(R"(,"roleArn":"r")")),
              "InvalidParameterException: destinationArn for vendor lambda cannot be used with "
              "roleArn");
    EXPECT_EQ(error("PutSubscriptionFilter", request("", "", "f", "kinesis", "stream/s")),
              "InvalidParameterException: destinationArn for vendor kinesis cannot be used without "
              "roleArn");
    EXPECT_THAT(error("PutSubscriptionFilter", request("", "", "f", "firehose", "x")),
                StartsWith("InvalidParameterException: PutSubscriptionFilter operation cannot work "
                           "with destinationArn for vendor firehose."));
    EXPECT_THAT(error("PutSubscriptionFilter", request("", "[")), HasSubstr("Invalid"));
    EXPECT_THAT(texts(ok("DescribeSubscriptionFilters", R"({"logGroupName":"g"})"),
                      "subscriptionFilters", "filterName"),
                IsEmpty());
}

TEST_F(SubscriptionsTest, AFunctionThatTurnsToTheGroupLaterIsNotToldItsOwnLines) {
    subscribe();
    functions_.refused_group = "g";
    print("its own");
    settle();
    EXPECT_EQ(functions_.attempts, 0);
}

}  // namespace
}  // namespace mill::logs
