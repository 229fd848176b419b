// SPDX-License-Identifier: Apache-2.0
// Who is told of the ends of asynchronous invocations.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "services/lambda/invocations/event_settings.h"
#include "services/lambda/lambda_fixture.h"

namespace mill::lambda {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// Takes documents, unless told not to.
class KeptDocuments final : public ports::FailureDestination {
  public:
    Task<Result<void>> deliver(ports::FailureNotice notice) override {
        if (failures > 0) {
            --failures;
            co_return std::unexpected(failure);
        }
        notices.push_back(std::move(notice));
        co_return Result<void>();
    }
    wire::Value document(std::size_t index) const {
        return *wire::parse_json(notices.at(index).document);
    }
    std::vector<ports::FailureNotice> notices;
    int failures = 0;
    Error failure{"io", "the disk is full", 0};
};

Task<machine::ExitStatus> fail_always(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        const wire::http::Response event = co_await runtime.next();
        if (event.status != 200) co_return machine::ExitStatus{};
        co_await runtime.fail_invocation(R"({"errorMessage":"no","errorType":"No"})", "No");
    }
}

Task<machine::ExitStatus> count_and_fail(sim::ScriptContext context, std::shared_ptr<int> runs) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return machine::ExitStatus{};
        ++*runs;
        co_await runtime.fail_invocation(R"({"errorMessage":"no","errorType":"No"})", "No");
    }
}

class EventDestinations : public testing::Test {
  protected:
    EventDestinations() {
        world.destinations = {{"sqs", &queue}, {"s3", &bucket}};
        world.restart();
    }
    wire::http::Response put(const std::string& name, const std::string& json) {
        return world.call("PUT", path(name), json);
    }
    static std::string path(const std::string& name) {
        return "/2019-09-25/functions/" + name + "/event-invoke-config";
    }
    void send(const std::string& name, const std::string& payload = R"({"a":1})") {
        const auto answer = world.invoke(name, payload, {{"x-amz-invocation-type", "Event"}});
        ASSERT_EQ(answer.status, 202);
    }
    // The number of attempts that the function saw. It fails them all.
    std::shared_ptr<int> create_failing(const std::string& name) {
        auto runs = std::make_shared<int>(0);
        world.create(name, [runs](sim::ScriptContext context) {
            return count_and_fail(std::move(context), runs);
        });
        return runs;
    }
    static std::string to(const std::string& end, const std::string& arn) {
        return fmt::format(R"({{"DestinationConfig":{{"{}":{{"Destination":"{}"}}}}}})", end, arn);
    }

    World world;
    KeptDocuments queue, bucket;
    const std::string queue_arn = "arn:aws:sqs:us-east-1:000000000000:q";
};

TEST_F(EventDestinations, AreToldOfSuccess) {
    world.create("f", echo);
    ASSERT_EQ(put("f", to("OnSuccess", queue_arn)).status, 200);
    send("f");
    world.sim.run_for(std::chrono::minutes(1));
    ASSERT_THAT(queue.notices, SizeIs(1));
    const wire::Value document = queue.document(0);
    const wire::Value& request = *document.find("requestContext");
    EXPECT_EQ(wire::text_of(request, "condition"), "Success");
    EXPECT_EQ(wire::text_of(request, "functionArn"),
              "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST");
    EXPECT_EQ(*request.find("approximateInvokeCount")->integer(), 1);
    EXPECT_EQ(wire::write_json(*document.find("requestPayload")), R"({"a":1})");
    EXPECT_EQ(wire::write_json(*document.find("responsePayload")), R"({"a":1})");
    EXPECT_EQ(wire::write_json(*document.find("responseContext")),
              R"({"statusCode":200,"executedVersion":"$LATEST"})");
    world.restart();
    world.sim.run_for(std::chrono::hours(1));
    EXPECT_THAT(queue.notices, SizeIs(1)) << "once";
}

TEST_F(EventDestinations, AreToldOfAFailureAfterAsManyAttemptsAsWereSet) {
    world.create("f", fail_always);
    put("f", R"({"MaximumRetryAttempts":1,"DestinationConfig":{"OnFailure":{"Destination":")" +
                 queue_arn + R"("},"OnSuccess":{}}})");
    send("f");
    world.sim.run_for(std::chrono::seconds(59));
    EXPECT_THAT(queue.notices, SizeIs(0));
    world.sim.run_for(std::chrono::seconds(10));
    ASSERT_THAT(queue.notices, SizeIs(1));
    const wire::Value document = queue.document(0);
    EXPECT_EQ(wire::text_of(*document.find("requestContext"), "condition"), "RetriesExhausted");
    EXPECT_EQ(*document.find("requestContext")->find("approximateInvokeCount")->integer(), 2);
    EXPECT_EQ(wire::text_of(*document.find("responseContext"), "functionError"), "Unhandled");
    EXPECT_EQ(wire::text_of(*document.find("responsePayload"), "errorMessage"), "no");
}

TEST_F(EventDestinations, AreToldOfAnEventThatIsTooOld) {
    world.create("f", fail_always);
    put("f", R"({"MaximumEventAgeInSeconds":60,"DestinationConfig":{"OnFailure":{"Destination":)"
             R"("arn:aws:s3:::bucket"}}})");
    send("f");
    world.sim.run_for(std::chrono::minutes(10));
    ASSERT_THAT(bucket.notices, SizeIs(1));
    EXPECT_EQ(wire::text_of(*bucket.document(0).find("requestContext"), "condition"),
              "EventAgeExceeded");
    EXPECT_THAT(bucket.notices[0].object_key, HasSubstr("aws/lambda/async/f/"));
}

TEST_F(EventDestinations, AreToldOfAnEventThatIsTooOldToRunAgain) {
    const auto runs = create_failing("f");
    put("f",
        R"({"MaximumEventAgeInSeconds":100,"DestinationConfig":{"OnFailure":{"Destination":")" +
            queue_arn + R"("}}})");
    send("f");
    world.sim.run_for(std::chrono::seconds(30));
    world.sim.kill_software();
    world.lambda.reset();
    world.sim.run_for(std::chrono::minutes(2));
    world.start();
    world.sim.run_for(std::chrono::minutes(1));
    EXPECT_EQ(*runs, 1);
    ASSERT_THAT(queue.notices, SizeIs(1));
    const wire::Value document = queue.document(0);
    EXPECT_EQ(wire::text_of(*document.find("requestContext"), "condition"), "EventAgeExceeded");
    EXPECT_EQ(*document.find("requestContext")->find("approximateInvokeCount")->integer(), 1);
    EXPECT_EQ(wire::write_json(*document.find("requestPayload")), R"({"a":1})");
}

TEST_F(EventDestinations, AreReadBeforeTheFunctionRuns) {
    const auto runs = create_failing("f");
    const std::string row = event_settings_row({{"000000000000", "us-east-1", "f"}, ""});
    storage::Table& table = *world.engine().table;
    ASSERT_TRUE(world.sim.await(table.commit({.puts = {{row, "{"}}})));
    send("f");
    world.sim.run_for(std::chrono::minutes(1));
    EXPECT_EQ(*runs, 0) << "nobody knows how often it may, and who is told";
    put("f", R"({"MaximumRetryAttempts":0,"DestinationConfig":{"OnFailure":{"Destination":")" +
                 queue_arn + R"("}}})");
    world.sim.run_for(std::chrono::hours(1));
    EXPECT_EQ(*runs, 1);
    EXPECT_THAT(queue.notices, SizeIs(1));
}

TEST_F(EventDestinations, AreToldWhatIsKeptAndTheFunctionRunsOnce) {
    auto owned = std::make_unique<storage::contract::TroubledTable>(
        world.sim.machine(), std::move(world.engine().table));
    storage::contract::TroubledTable& table = *owned;
    world.engine().table = std::move(owned);
    world.restart();
    const auto runs = create_failing("f");
    put("f", R"({"MaximumRetryAttempts":0,"DestinationConfig":{"OnFailure":{"Destination":")" +
                 queue_arn + R"("}}})");
    send("f");
    table.is_failing = true;
    world.sim.run_for(std::chrono::minutes(10));
    EXPECT_EQ(*runs, 1);
    EXPECT_THAT(queue.notices, SizeIs(0));
    table.is_failing = false;
    world.sim.run_for(std::chrono::minutes(10));
    EXPECT_EQ(*runs, 1);
    ASSERT_THAT(queue.notices, SizeIs(1));
    EXPECT_EQ(wire::write_json(*queue.document(0).find("requestPayload")), R"({"a":1})");
}

TEST_F(EventDestinations, ThatFailAreToldAgainAlsoAfterARestart) {
    world.create("f", echo);
    put("f", to("OnSuccess", queue_arn));
    queue.failures = 3;
    send("f");
    world.sim.run_for(std::chrono::milliseconds(900));
    EXPECT_THAT(queue.notices, SizeIs(0));
    world.restart();
    world.sim.run_for(std::chrono::minutes(1));
    ASSERT_THAT(queue.notices, SizeIs(1));
    EXPECT_EQ(*queue.document(0).find("requestContext")->find("approximateInvokeCount")->integer(),
              1)
        << "the function did not run again";
}

TEST_F(EventDestinations, ThatFailForLongAreToldInTheEnd) {
    world.create("f", echo);
    put("f", to("OnSuccess", queue_arn));
    queue.failures = 50;
    send("f");
    world.sim.run_for(std::chrono::hours(3));
    EXPECT_THAT(queue.notices, SizeIs(0));
    world.sim.run_for(std::chrono::hours(2));
    EXPECT_THAT(queue.notices, SizeIs(1));
}

TEST_F(EventDestinations, ThatAreGoneAreGivenUp) {
    world.create("f", echo);
    put("f", to("OnSuccess", queue_arn));
    queue.failures = 1;
    queue.failure = {"QueueDoesNotExist", "gone", 400};
    send("f");
    world.sim.run_for(std::chrono::hours(1));
    EXPECT_THAT(queue.notices, SizeIs(0));
    EXPECT_EQ(queue.failures, 0);
}

TEST_F(EventDestinations, MayBeFunctions) {
    world.create("f", echo);
    world.create("g", echo);
    put("f", to("OnSuccess", "arn:aws:lambda:us-east-1:000000000000:function:g"));
    put("g", to("OnSuccess", queue_arn));
    send("f", R"("hello")");
    world.sim.run_for(std::chrono::minutes(1));
    ASSERT_THAT(queue.notices, SizeIs(1));
    const wire::Value told = queue.document(0);
    EXPECT_EQ(wire::text_of(*told.find("requestPayload"), "requestPayload"), "hello");
}

TEST_F(EventDestinations, AreSettingsOfTheFunction) {
    world.create("f", echo);
    EXPECT_EQ(world.call("GET", path("f")).status, 404);
    EXPECT_EQ(world.call("POST", path("f"), R"({"MaximumRetryAttempts":0})").status, 404);
    put("f", to("OnFailure", queue_arn));
    const auto updated = world.call("POST", path("f"), R"({"MaximumRetryAttempts":0})");
    EXPECT_THAT(updated.body, HasSubstr(queue_arn));
    world.restart();
    EXPECT_THAT(world.call("GET", path("f")).body,
                testing::AllOf(HasSubstr(R"("MaximumRetryAttempts":0)"), HasSubstr(queue_arn),
                               HasSubstr("function:f:$LATEST")));
    EXPECT_THAT(world.call("GET", path("f") + "/list").body, HasSubstr(queue_arn));
    EXPECT_EQ(put("f", R"({"MaximumRetryAttempts":3})").status, 400);
    EXPECT_EQ(put("f", to("OnFailure", "arn:aws:events:us-east-1:000000000000:event-bus/b")).status,
              400);
    EXPECT_EQ(put("f", to("OnFailure", queue_arn + ".fifo")).status, 400);
    EXPECT_EQ(put("f", to("OnSuccess", "arn:aws:s3:::bucket")).status, 400);
    EXPECT_EQ(put("none", "{}").status, 404);
    EXPECT_EQ(world.call("DELETE", path("f")).status, 204);
    EXPECT_EQ(world.call("DELETE", path("f")).status, 404);
    put("f", to("OnFailure", queue_arn));
    world.call("DELETE", "/2015-03-31/functions/f");
    world.create("f", echo);
    EXPECT_EQ(world.call("GET", path("f")).status, 404) << "they went with the function";
}

TEST_F(EventDestinations, AreNotInheritedByANewFunction) {
    const std::string row = event_settings_row({{"000000000000", "us-east-1", "f"}, ""});
    storage::Table& table = *world.engine().table;
    ASSERT_TRUE(world.sim.await(
        table.commit({.puts = {{row, wire::to_json(EventSettings{.retries_max = 0})}}})));
    world.create("f", echo);
    EXPECT_EQ(world.call("GET", path("f")).status, 404);
}

TEST_F(EventDestinations, AreResourcesOfStacks) {
    world.create("f", echo);
    const auto request = [](const std::string& properties) {
        return ports::ResourceRequest{.type = "AWS::Lambda::EventInvokeConfig",
                                      .properties = *wire::parse_json(properties)};
    };
    const std::string first =
        R"({"FunctionName":"f","Qualifier":"$LATEST","MaximumRetryAttempts":"1","DestinationConfig":)"
        R"({"OnFailure":{"Destination":")" +
        queue_arn + R"("}}})";
    const auto made = world.sim.await(world.lambda->create(request(first)));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(world.call("GET", path("f")).body, HasSubstr(R"("MaximumRetryAttempts":1)"));
    EXPECT_FALSE(world.sim.await(world.lambda->create(request(first))));
    const std::string second = R"({"FunctionName":"f","Qualifier":"$LATEST"})";
    ASSERT_TRUE(world.sim.await(
        world.lambda->update(request(second), made->physical_id, *wire::parse_json(first))));
    EXPECT_THAT(world.call("GET", path("f")).body, testing::Not(HasSubstr(queue_arn)));
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request(second), made->physical_id)));
    EXPECT_EQ(world.call("GET", path("f")).status, 404);
}

TEST_F(EventDestinations, ADeadLetterQueueGetsTheEventAndWhatWentWrong) {
    create_failing("f");
    const std::string configuration = "/2015-03-31/functions/f/configuration";
    const auto configure = [&](const std::string& arn) {
        return world.call("PUT", configuration,
                          R"({"DeadLetterConfig":{"TargetArn":")" + arn + R"("}})");
    };
    EXPECT_THAT(configure("arn:aws:s3:::bucket").body, HasSubstr("must be a standard SQS queue"));
    EXPECT_THAT(configure(queue_arn + ".fifo").body, HasSubstr("must be a standard SQS queue"));
    EXPECT_THAT(configure(queue_arn).body,
                HasSubstr(R"("DeadLetterConfig":{"TargetArn":")" + queue_arn + R"("})"));
    ASSERT_EQ(put("f", to("OnFailure", "arn:aws:s3:::failed")).status, 200);
    send("f");
    queue.failures = 1;  // the letter is sent once more, the document is not
    world.sim.run_for(std::chrono::minutes(10));
    ASSERT_THAT(queue.notices, SizeIs(1));
    ASSERT_THAT(bucket.notices, SizeIs(1));
    const ports::FailureNotice& letter = queue.notices.front();
    EXPECT_EQ(letter.document, R"({"a":1})");
    EXPECT_EQ(letter.attributes.at("ErrorCode").value, "200");
    EXPECT_EQ(letter.attributes.at("ErrorCode").data_type, "Number");
    EXPECT_EQ(letter.attributes.at("ErrorMessage").value, "no");
    EXPECT_EQ(letter.attributes.at("RequestID").value,
              wire::text_of(*bucket.document(0).find("requestContext"), "requestId"));
    EXPECT_THAT(configure("").body, testing::Not(HasSubstr("DeadLetterConfig")));
    send("f");
    world.sim.run_for(std::chrono::minutes(10));
    EXPECT_THAT(queue.notices, SizeIs(1));
    EXPECT_THAT(bucket.notices, SizeIs(2));
}

TEST(DeadLetters, CutTheMessageBetweenCharacters) {
    EndOfEvent end{.request_id = "r", .last = ports::InvokeOutcome{}};
    end.last->payload = "{\"errorMessage\":\"x" + [] {
        std::string text;
        for (int i = 0; i < 600; ++i) text += "\u00e9";
        return text;
    }() + "\"}";
    EXPECT_EQ(dead_letter_of(end).error_message.size(), 1023U);
    end.last.reset();
    end.refusal = Error{"TooManyRequestsException", "Rate Exceeded.", 429};
    EXPECT_EQ(dead_letter_of(end).error_code, "429");
    EXPECT_EQ(dead_letter_of(end).error_message, "Rate Exceeded.");
}

}  // namespace
}  // namespace mill::lambda
