// SPDX-License-Identifier: Apache-2.0
#include "services/sns/sns_fixture.h"
#include "wire/http_client.h"

namespace mill::sns {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Publishing : SnsTest {
    Publishing() { create("t"); }
};

TEST_F(Publishing, TellsEverySubscriber) {
    subscribe("t", queue("a"));
    subscribe("t", queue("raw"), R"("RawMessageDelivery":"true")");
    const std::string function = "arn:aws:lambda:us-east-1:000000000000:function:f";
    const std::string arn = subscribe("t", function, "", "lambda");
    const auto published = publish("t", "hello", R"(,"Subject":"s","MessageAttributes":{
        "k":{"DataType":"String","StringValue":"v"},"b":{"DataType":"Binary","BinaryValue":"AAE="}})");
    const auto told = *wire::parse_json(queues_.bodies(queue("a")).at(0));
    EXPECT_EQ(wire::text_of(told, "Type"), "Notification");
    EXPECT_EQ(wire::text_of(told, "Message"), "hello");
    EXPECT_EQ(wire::text_of(told, "Subject"), "s");
    EXPECT_EQ(wire::text_of(told, "TopicArn"), topic("t"));
    EXPECT_EQ(wire::text_of(told, "MessageId"), wire::text_of(published, "MessageId"));
    EXPECT_EQ(wire::write_json(*told.find("MessageAttributes")),
              R"({"b":{"Type":"Binary","Value":"AAE="},"k":{"Type":"String","Value":"v"}})");
    const auto& raw = queues_.sent.at(queue("raw")).at(0);
    EXPECT_EQ(raw.body, "hello");
    EXPECT_EQ(raw.attributes.at("b").value, BytesView("\0\1", 2));
    ASSERT_THAT(functions_.events, SizeIs(1));
    EXPECT_EQ(functions_.events[0].function_arn, function);
    const auto event = *wire::parse_json(functions_.events[0].payload);
    const wire::Value& record = event.find("Records")->items()->front();
    EXPECT_EQ(wire::text_of(record, "EventSubscriptionArn"), arn);
    EXPECT_EQ(wire::text_of(*record.find("Sns"), "Message"), "hello");
}

TEST_F(Publishing, TellsEachProtocolItsOwnText) {
    subscribe("t", queue("raw"), R"("RawMessageDelivery":"true")");
    publish("t", R"({\"default\":\"d\",\"sqs\":\"s\"})", R"(,"MessageStructure":"json")");
    publish("t", R"({\"default\":\"d\"})", R"(,"MessageStructure":"json")");
    EXPECT_THAT(queues_.bodies(queue("raw")), ElementsAre("s", "d"));
}

TEST_F(Publishing, FailsWhenASubscriberCouldNotBeToldForNow) {
    subscribe("t", queue("a"));
    queues_.failing[queue("a")] = Error{"io.no_space", "the disk is full"};
    EXPECT_THAT(error("Publish", of("t", R"(,"Message":"x")")), HasSubstr("io.no_space"));
}

TEST_F(Publishing, BuriesWhatWillNeverArrive) {
    subscribe("t", queue("gone"),
              R"("RawMessageDelivery":"true","RedrivePolicy":"{\"deadLetterTargetArn\":\")" +
                  queue("dead") + R"(\"}")");
    subscribe("t", queue("other-gone"));
    queues_.failing[queue("gone")] = Error{"QueueDoesNotExist", "gone", 400};
    queues_.failing[queue("other-gone")] = Error{"QueueDoesNotExist", "gone", 400};
    publish("t", "x");
    EXPECT_THAT(queues_.bodies(queue("dead")), ElementsAre("x"));
}

TEST_F(Publishing, OfABatchHasAnAnswerForEach) {
    subscribe("t", queue("raw"), R"("RawMessageDelivery":"true")");
    const auto answer = ok("PublishBatch", of("t", R"(,"PublishBatchRequestEntries":[
        {"Id":"1","Message":"a"},{"Id":"2","Message":""},{"Id":"3","Message":"c"}])"));
    EXPECT_THAT(*answer.find("Successful")->items(), SizeIs(2));
    EXPECT_EQ(wire::text_of(answer.find("Failed")->items()->front(), "Id"), "2");
    EXPECT_THAT(queues_.bodies(queue("raw")), ElementsAre("a", "c"));
    EXPECT_THAT(error("PublishBatch", of("t", R"(,"PublishBatchRequestEntries":[])")),
                HasSubstr("EmptyBatchRequest"));
}

struct FifoPublishing : SnsTest {
    FifoPublishing() {
        create("t.fifo", R"("FifoTopic":"true")");
        subscribe("t.fifo", queue("q.fifo"), R"("RawMessageDelivery":"true")");
    }
    wire::Value say(const std::string& message, const std::string& id) {
        return publish("t.fifo", message,
                       fmt::format(R"(,"MessageGroupId":"g","MessageDeduplicationId":"{}")", id));
    }
};

TEST_F(FifoPublishing, NumbersMessagesAndTakesThemOnce) {
    const auto first = say("a", "1");
    EXPECT_EQ(say("other", "1"), first);
    const auto second = say("b", "2");
    EXPECT_LT(wire::text_of(first, "SequenceNumber"), wire::text_of(second, "SequenceNumber"));
    reopen();
    const auto third = say("c", "3");
    EXPECT_LT(wire::text_of(second, "SequenceNumber"), wire::text_of(third, "SequenceNumber"));
    EXPECT_THAT(queues_.bodies(queue("q.fifo")), ElementsAre("a", "b", "c"));
    EXPECT_EQ(queues_.sent.at(queue("q.fifo")).at(0).deduplication_id, "1");
    sim_.run_for(301s);
    say("again", "1");
    EXPECT_THAT(queues_.bodies(queue("q.fifo")), ElementsAre("a", "b", "c", "again"));
}

TEST_F(FifoPublishing, TakesAgainWhatHasFailed) {
    queues_.failing[queue("q.fifo")] = Error{"io", "broken"};
    EXPECT_THAT(error("Publish", of("t.fifo", R"(,"Message":"x","MessageGroupId":"g",
        "MessageDeduplicationId":"1")")),
                HasSubstr("broken"));
    queues_.failing.clear();
    say("x", "1");
    EXPECT_THAT(queues_.bodies(queue("q.fifo")), ElementsAre("x"));
}

TEST_F(FifoPublishing, WantsWhatAFifoTopicNeeds) {
    EXPECT_THAT(error("Publish", of("t.fifo", R"(,"Message":"x")")), HasSubstr("MessageGroupId"));
    EXPECT_THAT(error("Publish", of("t.fifo", R"(,"Message":"x","MessageGroupId":"g")")),
                HasSubstr("ContentBasedDeduplication"));
    EXPECT_THAT(
        error(
            "Subscribe",
            of("t.fifo",
               R"(,"Protocol":"lambda","Endpoint":"arn:aws:lambda:us-east-1:000000000000:function:f")")),
        HasSubstr("queues only"));
}

// An HTTP endpoint outside, that answers as it is told to.
struct HttpPublishing : SnsTest {
    HttpPublishing() {
        create("t");
        listen("127.0.0.1");
    }
    void listen(const std::string& host) {
        listener_.reset();
        auto bound = sim_.outside().network.listen(
            {host, 8080}, [this](std::unique_ptr<machine::Connection> connection) {
                scope_.spawn(serve(std::move(connection)));
            });
        EXPECT_TRUE(bound);
        listener_ = *std::move(bound);
    }
    Task<void> serve(std::unique_ptr<machine::Connection> connection) {
        wire::http::RequestParser parser;
        for (;;) {
            if (auto request = parser.take()) {
                requests.push_back(*std::move(request));
                const wire::http::Response answer{.status = status,
                                                  .body = std::string(answer_bytes, 'x')};
                static_cast<void>(co_await connection->write(wire::http::serialize(answer, false)));
                co_return;
            }
            const std::span<char> room = parser.room();
            const auto count = co_await connection->read(room.data(), room.size());
            if (!count || *count == 0 || !parser.received(*count)) co_return;
        }
    }
    // Subscribes, and follows the URL that the endpoint is sent.
    std::string subscribe_confirmed(const std::string& attributes = "",
                                    const std::string& host = "localhost") {
        const std::string arn = subscribe("t", "http://" + host + ":8080/hook", attributes, "http");
        sim_.run_for(1s);
        EXPECT_THAT(requests, SizeIs(1));
        EXPECT_EQ(requests.at(0).headers.get("x-amz-sns-message-type"), "SubscriptionConfirmation");
        const auto asked = *wire::parse_json(requests.at(0).body);
        EXPECT_THAT(wire::text_of(asked, "SubscribeURL"),
                    HasSubstr("Action=ConfirmSubscription&Version=2010-03-31&TopicArn="));
        ok("ConfirmSubscription", of("t", R"(,"Token":")" + wire::text_of(asked, "Token") + "\""));
        requests.clear();
        return arn;
    }
    std::vector<wire::http::Request> requests;
    int status = 200;
    std::size_t answer_bytes = 0;
    std::unique_ptr<machine::Listener> listener_;
    Scope scope_;
};

TEST_F(HttpPublishing, AsksForConfirmationFirst) {
    subscribe("t", "http://localhost:8080/hook", "", "http");
    publish("t", "too early");
    sim_.run_for(1s);
    ASSERT_THAT(requests, SizeIs(1));
    EXPECT_EQ(requests[0].headers.get("x-amz-sns-message-type"), "SubscriptionConfirmation");
    EXPECT_THAT(error("ConfirmSubscription", of("t", R"(,"Token":"wrong")")), HasSubstr("Token"));
}

TEST_F(HttpPublishing, PostsNotifications) {
    const std::string arn = subscribe_confirmed();
    publish("t", "hello");
    sim_.run_for(1s);
    ASSERT_THAT(requests, SizeIs(1));
    EXPECT_EQ(requests[0].target, "/hook");
    EXPECT_EQ(requests[0].headers.get("x-amz-sns-subscription-arn"), arn);
    EXPECT_EQ(wire::text_of(*wire::parse_json(requests[0].body), "Message"), "hello");
    EXPECT_THAT(*engine_.table->scan(delivery_rows_prefix), IsEmpty());
}

TEST_F(HttpPublishing, TriesAgainAlsoAfterARestartAndBuriesInTheEnd) {
    subscribe_confirmed(
        R"("RawMessageDelivery":"true","RedrivePolicy":"{\"deadLetterTargetArn\":\")" +
        queue("dead") + R"(\"}")");
    status = 503;
    publish("t", "hello");
    sim_.run_for(21s);
    EXPECT_THAT(requests, SizeIs(2));
    reopen();
    sim_.run_for(25s);
    EXPECT_THAT(requests, SizeIs(3));
    sim_.run_for(60s);
    EXPECT_THAT(requests, SizeIs(4));
    EXPECT_THAT(queues_.bodies(queue("dead")), ElementsAre("hello"));
    EXPECT_THAT(*engine_.table->scan(delivery_rows_prefix), IsEmpty());
}

TEST_F(HttpPublishing, KeepsNoAnswerThatIsVeryLong) {
    subscribe_confirmed(
        R"("RawMessageDelivery":"true","RedrivePolicy":"{\"deadLetterTargetArn\":\")" +
        queue("dead") + R"(\"}","DeliveryPolicy":"{\"healthyRetryPolicy\":{\"numRetries\":0}}")");
    answer_bytes = 1'000'000;
    publish("t", "told");
    sim_.run_for(10s);
    EXPECT_THAT(queues_.bodies(queue("dead")), IsEmpty());
    answer_bytes = 2'000'000;
    publish("t", "flooded");
    sim_.run_for(10s);
    EXPECT_THAT(queues_.bodies(queue("dead")), ElementsAre("flooded"));
}

TEST_F(HttpPublishing, TakesANameThatIsUnknownForAFailureThatMayPass) {
    const std::string name = "hooks.example.com";
    listen(name);
    subscribe_confirmed(
        R"("RawMessageDelivery":"true","RedrivePolicy":"{\"deadLetterTargetArn\":\")" +
            queue("dead") + R"(\"}")",
        name);
    listener_.reset();
    publish("t", "late");
    sim_.run_for(5s);
    listen(name);
    sim_.run_for(20s);
    ASSERT_THAT(requests, SizeIs(1));
    EXPECT_EQ(requests[0].body, "late");
    EXPECT_EQ(requests[0].headers.get("host"), name + ":8080");
    listener_.reset();
    publish("t", "never");
    sim_.run_for(55s);
    EXPECT_THAT(queues_.bodies(queue("dead")), IsEmpty());
    sim_.run_for(10s);
    EXPECT_THAT(queues_.bodies(queue("dead")), ElementsAre("never"));
}

TEST_F(HttpPublishing, GivesUpOnAHandshakeThatDoesNotEnd) {
    std::vector<std::unique_ptr<machine::Connection>> held;
    const auto silent = sim_.outside().network.listen(
        {"127.0.0.1", 443}, [&held](std::unique_ptr<machine::Connection> connection) {
            held.push_back(std::move(connection));
        });
    subscribe("t", "https://localhost/",
              R"("RawMessageDelivery":"true","RedrivePolicy":"{\"deadLetterTargetArn\":\")" +
                  queue("dead") +
                  R"(\"}","DeliveryPolicy":"{\"healthyRetryPolicy\":{\"numRetries\":0}}")",
              "https");
    const auto asked =
        wire::from_json<DeliveryRow>(engine_.table->scan(delivery_rows_prefix)->front().value);
    ok("ConfirmSubscription",
       of("t", R"(,"Token":")" + wire::text_of(*wire::parse_json(asked->body), "Token") + "\""));
    publish("t", "hello");
    sim_.run_for(14s);
    EXPECT_THAT(held, SizeIs(2));  // asked to confirm, and told
    EXPECT_THAT(queues_.bodies(queue("dead")), IsEmpty());
    sim_.run_for(2s);
    EXPECT_THAT(queues_.bodies(queue("dead")), ElementsAre("hello"));
}

TEST(RetryDelay, FollowsTheDeliveryPolicy) {
    const auto delays = [](const std::string& policy) {
        std::vector<std::int64_t> all;
        for (std::int64_t attempt = 1; const auto delay = retry_delay(policy, attempt); ++attempt)
            all.push_back(std::chrono::duration_cast<std::chrono::seconds>(*delay).count());
        return all;
    };
    EXPECT_THAT(delays(""), ElementsAre(20, 20, 20));
    EXPECT_THAT(delays(R"({"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":5,)"
                       R"("numRetries":8,"numNoDelayRetries":1,"numMinDelayRetries":1,)"
                       R"("numMaxDelayRetries":1,"backoffFunction":"linear"}})"),
                ElementsAre(0, 1, 1, 2, 3, 4, 5, 5));
}

}  // namespace
}  // namespace mill::sns
