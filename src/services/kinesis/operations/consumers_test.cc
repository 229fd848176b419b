// SPDX-License-Identifier: Apache-2.0
// RegisterStreamConsumer, DeregisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers.
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view orders_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";

struct ConsumersTest : KinesisTest {
    std::string request(const std::string& name) const {
        return R"({"StreamARN":")" + std::string(orders_arn) + R"(","ConsumerName":")" + name +
               R"("})";
    }
    wire::Value add(const std::string& name) {
        return *ok("RegisterStreamConsumer", request(name)).find("Consumer");
    }
    std::vector<std::string> names(const wire::Value& answer) const {
        std::vector<std::string> found;
        for (const auto& item : *answer.find("Consumers")->items())
            found.push_back(wire::text_of(item, "ConsumerName"));
        return found;
    }
    wire::Value list(const std::string& more = "") {
        return ok("ListStreamConsumers",
                  R"({"StreamARN":")" + std::string(orders_arn) + "\"" + more + "}");
    }
    std::string status_of(const std::string& name) {
        const auto answer = call("DescribeStreamConsumer", request(name));
        if (!answer) return answer.error().code;
        return wire::text_of(*answer->find("ConsumerDescription"), "ConsumerStatus");
    }
    std::int64_t counted() {
        const auto answer = ok("DescribeStreamSummary", R"({"StreamName":"orders"})");
        return *answer.find("StreamDescriptionSummary")->find("ConsumerCount")->integer();
    }
};

TEST_F(ConsumersTest, ARegisteredConsumerIsFoundByItsArnAndByItsName) {
    create("orders");
    const auto consumer = add("bill");
    const auto arn = wire::text_of(consumer, "ConsumerARN");
    EXPECT_THAT(arn, StartsWith(std::string(orders_arn) + "/consumer/bill:"));
    EXPECT_EQ(wire::text_of(consumer, "ConsumerStatus"), "ACTIVE");
    const auto by_arn = ok("DescribeStreamConsumer", R"({"ConsumerARN":")" + arn + R"("})");
    EXPECT_EQ(wire::text_of(*by_arn.find("ConsumerDescription"), "StreamARN"), orders_arn);
    EXPECT_EQ(status_of("bill"), "ACTIVE");
    EXPECT_EQ(counted(), 1);
}

TEST_F(ConsumersTest, ANameIsTakenOnceForEachStream) {
    create("orders");
    add("bill");
    EXPECT_EQ(
        error("RegisterStreamConsumer", request("bill")),
        "ResourceInUseException: Consumer bill under stream orders already exists for account "
        "000000000000.");
}

TEST_F(ConsumersTest, TheTwentyFirstIsRefusedUnlessTheAccountCommits) {
    create("orders");
    for (int i = 0; i < 20; ++i) add("c" + std::to_string(i));
    EXPECT_THAT(error("RegisterStreamConsumer", request("more")),
                StartsWith("LimitExceededException"));
    ok("UpdateAccountSettings", R"({"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}})");
    add("more");
}

TEST_F(ConsumersTest, ListPagesByName) {
    create("orders");
    for (const auto* name : {"c", "a", "b"}) add(name);
    const auto first = list(R"(,"MaxResults":2)");
    EXPECT_THAT(names(first), ElementsAre("a", "b"));
    const auto token = R"(,"NextToken":")" + wire::text_of(first, "NextToken") + "\"";
    EXPECT_THAT(names(list(token)), ElementsAre("c"));
    EXPECT_EQ(list(token).find("NextToken"), nullptr);
    sim_.run_for(std::chrono::seconds(301));
    EXPECT_THAT(error("ListStreamConsumers",
                      R"({"StreamARN":")" + std::string(orders_arn) + "\"" + token + "}"),
                StartsWith("ExpiredNextTokenException"));
    EXPECT_THAT(error("ListStreamConsumers", R"({"StreamARN":")" + std::string(orders_arn) +
                                                 R"(","NextToken":"nonsense"})"),
                StartsWith("InvalidArgumentException"));
}

TEST_F(ConsumersTest, ADeregisteredConsumerIsUnknown) {
    create("orders");
    const auto arn = wire::text_of(add("bill"), "ConsumerARN");
    ok("DeregisterStreamConsumer", R"({"ConsumerARN":")" + arn + R"("})");
    EXPECT_EQ(error("DescribeStreamConsumer", R"({"ConsumerARN":")" + arn + R"("})"),
              "ResourceNotFoundException: Consumer bill, account 000000000000 not found.");
    EXPECT_EQ(counted(), 0);
    reopen();
    EXPECT_EQ(counted(), 0);
}

TEST_F(ConsumersTest, ConsumersSurviveARestart) {
    create("orders");
    const auto arn = wire::text_of(add("bill"), "ConsumerARN");
    reopen();
    ok("DescribeStreamConsumer", R"({"ConsumerARN":")" + arn + R"("})");
}

TEST_F(ConsumersTest, AStreamWithConsumersIsDeletedOnlyWithThem) {
    create("orders");
    add("bill");
    EXPECT_THAT(error("DeleteStream", R"({"StreamName":"orders"})"),
                HasSubstr("ResourceInUseException: Stream orders under account 000000000000 has "
                          "registered consumers."));
    ok("DeleteStream", R"({"StreamName":"orders","EnforceConsumerDeletion":true})");
    create("orders");
    EXPECT_EQ(counted(), 0);
    EXPECT_EQ(status_of("bill"), "ResourceNotFoundException");
    reopen();
    EXPECT_EQ(counted(), 0);
}

TEST_F(ConsumersTest, StatesAreShownAsLongAsTheyLastAndGoOnAfterARestart) {
    create("orders");
    options_.transition = std::chrono::seconds(2);
    reopen();
    EXPECT_EQ(wire::text_of(add("bill"), "ConsumerStatus"), "CREATING");
    sim_.run_for(std::chrono::seconds(1));
    reopen();
    EXPECT_EQ(status_of("bill"), "CREATING");
    sim_.run_for(std::chrono::seconds(3));
    EXPECT_EQ(status_of("bill"), "ACTIVE");
    ok("DeregisterStreamConsumer", request("bill"));
    EXPECT_EQ(status_of("bill"), "DELETING");
    sim_.run_for(std::chrono::seconds(3));
    EXPECT_EQ(status_of("bill"), "ResourceNotFoundException");
}

TEST_F(ConsumersTest, OneDeregisteredWhileCreatingGoes) {
    create("orders");
    options_.transition = std::chrono::seconds(2);
    reopen();
    add("bill");
    ok("DeregisterStreamConsumer", request("bill"));
    sim_.run_for(std::chrono::seconds(10));
    EXPECT_EQ(status_of("bill"), "ResourceNotFoundException");
}

TEST_F(ConsumersTest, WithoutArnOrNameNothingIsFound) {
    EXPECT_EQ(
        error("DescribeStreamConsumer", R"({"ConsumerName":"bill"})"),
        "InvalidArgumentException: Either ConsumerARN or both StreamARN and ConsumerName must "
        "be provided.");
}

}  // namespace
}  // namespace mill::kinesis
