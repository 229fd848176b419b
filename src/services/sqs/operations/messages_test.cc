// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/sqs_fixture.h"

namespace mill::sqs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

struct Messages : SqsTest {
    Messages() { create("q"); }

    // A long poll that waits while the test goes on.
    struct Poll {
        std::optional<Result<wire::Value>> answer;
    };
    static Task<void> run_poll(Task<Result<wire::Output>> receive, Poll* into) {
        into->answer = decoded(co_await std::move(receive));
    }
    void poll(Poll& into, const std::string& queue = "q") {
        polls_.spawn(
            run_poll(start("ReceiveMessage", of(queue, R"(,"WaitTimeSeconds":20)")), &into));
        pass(1ms);
    }
    void redrive(const std::string& queue, int receives_max) {
        create("dead");
        ok("SetQueueAttributes",
           of(queue, fmt::format(R"(,"Attributes":{{"RedrivePolicy":"{{\"deadLetterTargetArn\":)"
                                 R"(\"{}\",\"maxReceiveCount\":{}}}"}})",
                                 arn("dead"), receives_max)));
    }
    // Three messages that were received too often.
    void die(const std::string& queue) {
        redrive(queue, 1);
        for (const char* body : {"a", "b", "c"}) send(queue, body);
        receive(queue, R"(,"VisibilityTimeout":0)");
        EXPECT_THAT(received(queue), IsEmpty());
        EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "3");
    }
    Scope polls_;
};

TEST_F(Messages, AreReceivedAsTheyWereSent) {
    const auto sent = send("q", "hello", R"(,"MessageAttributes":{
        "a":{"DataType":"String","StringValue":"x"},"b":{"DataType":"Binary","BinaryValue":"AAE="}},
        "MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1"}})");
    EXPECT_EQ(wire::text_of(sent, "MD5OfMessageBody"), "5d41402abc4b2a76b9719d911017c592");
    const auto messages =
        receive("q", R"(,"MessageAttributeNames":["All"],"AttributeNames":["All"])");
    ASSERT_THAT(messages, SizeIs(1));
    const wire::Value& message = messages.front();
    for (const char* same : {"MD5OfMessageAttributes", "MessageId"})
        EXPECT_EQ(wire::text_of(message, same), wire::text_of(sent, same));
    EXPECT_EQ(wire::text_of(message, "MD5OfBody"), wire::text_of(sent, "MD5OfMessageBody"));
    EXPECT_EQ(wire::write_json(*message.find("MessageAttributes")),
              R"({"a":{"StringValue":"x","DataType":"String"},)"
              R"("b":{"BinaryValue":"AAE=","DataType":"Binary"}})");
    EXPECT_EQ(system_attribute(message, "ApproximateReceiveCount"), "1");
    EXPECT_EQ(system_attribute(message, "AWSTraceHeader"), "Root=1");
    EXPECT_EQ(system_attribute(message, "SenderId"), "000000000000");
}

TEST_F(Messages, ShowTheAttributesThatWereAskedFor) {
    send("q", "x", R"(,"MessageAttributes":{"a.x":{"DataType":"String","StringValue":"1"},
        "b":{"DataType":"Number","StringValue":"2"}})");
    const auto shown = [&](const std::string& more) {
        const auto messages = receive("q", more + R"(,"VisibilityTimeout":0)");
        const wire::Value* found = messages.front().find("MessageAttributes");
        return found ? wire::write_json(*found) : "none";
    };
    EXPECT_EQ(shown(""), "none");
    EXPECT_THAT(shown(R"(,"MessageAttributeNames":["a.*"])"), StartsWith(R"({"a.x":)"));
    EXPECT_THAT(shown(R"(,"MessageAttributeNames":["b"])"), StartsWith(R"({"b":)"));
    const auto message =
        receive("q", R"(,"MessageSystemAttributeNames":["SentTimestamp"],"VisibilityTimeout":0)")
            .front();
    EXPECT_THAT(*message.find("Attributes")->members(), SizeIs(1));
}

TEST_F(Messages, AreInvisibleUntilTheirTimeIsOver) {
    send("q", "a");
    EXPECT_THAT(received("q"), ElementsAre("a"));
    pass(29s);
    EXPECT_THAT(received("q"), IsEmpty());
    EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesNotVisible"), "1");
    pass(1s);
    const auto again = receive("q", R"(,"AttributeNames":["All"])");
    EXPECT_EQ(system_attribute(again.front(), "ApproximateReceiveCount"), "2");
}

TEST_F(Messages, ChangeTheirVisibility) {
    send("q", "a");
    const auto message = receive("q").front();
    const auto change = [&](int seconds) {
        return of(
            "q", with_handle(handle(message)) + fmt::format(R"(,"VisibilityTimeout":{})", seconds));
    };
    ok("ChangeMessageVisibility", change(100));
    pass(99s);
    EXPECT_THAT(received("q"), IsEmpty());
    EXPECT_THAT(error("ChangeMessageVisibility", change(43'200)),
                HasSubstr("beyond the limit [43200 seconds]"));
    ok("ChangeMessageVisibility", change(0));
    EXPECT_THAT(error("ChangeMessageVisibility", change(1)), StartsWith("MessageNotInflight"));
    EXPECT_THAT(received("q"), ElementsAre("a"));
}

TEST_F(Messages, StayDeleted) {
    send("q", "a");
    send("q", "b");
    const auto messages = receive("q");
    ASSERT_THAT(bodies(messages), ElementsAre("a", "b"));
    erase("q", messages[0]);
    erase("q", messages[0]);  // again is no error
    pass(31s);
    EXPECT_THAT(received("q"), ElementsAre("b"));
    reopen();
    EXPECT_THAT(received("q"), ElementsAre("b")) << "who had received it is forgotten";
    erase("q", messages[1]);  // with the handle of another time, before the restart
    reopen();
    EXPECT_THAT(received("q"), IsEmpty());
}

TEST_F(Messages, WakeWhoeverWaitsForThem) {
    Poll first, second;
    poll(first);
    poll(second);
    EXPECT_FALSE(first.answer);
    send("q", "a");
    pass(1ms);
    EXPECT_EQ(first.answer.has_value() + second.answer.has_value(), 1);
    pass(20s);
    EXPECT_TRUE(first.answer && second.answer);
}

TEST_F(Messages, WakeWhoeverWaitsWhenTheyBecomeVisibleAgain) {
    send("q", "a");
    const auto message = receive("q", R"(,"VisibilityTimeout":5)").front();
    Poll waiting;
    poll(waiting);
    pass(4990ms);
    EXPECT_FALSE(waiting.answer);
    pass(10ms);
    ASSERT_TRUE(waiting.answer);
    EXPECT_THAT(bodies(*(*waiting.answer)->find("Messages")->items()), ElementsAre("a"));
}

TEST_F(Messages, WaitNoLongerForAQueueThatIsGone) {
    Poll waiting;
    poll(waiting);
    ok("DeleteQueue", of("q"));
    pass(1ms);
    ASSERT_TRUE(waiting.answer);
    EXPECT_EQ(waiting.answer->error().code, "QueueDoesNotExist");
    EXPECT_THAT(engine_.logs->log_names(), IsEmpty());
}

TEST_F(Messages, AreDelayedAlsoOverARestart) {
    send("q", "late", R"(,"DelaySeconds":60)");
    EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesDelayed"), "1");
    pass(30s);
    reopen();
    EXPECT_THAT(received("q"), IsEmpty());
    pass(30s);
    EXPECT_THAT(received("q"), ElementsAre("late"));
    ok("SetQueueAttributes", of("q", R"(,"Attributes":{"DelaySeconds":"10"})"));
    send("q", "queue's delay");
    send("q", "own delay", R"(,"DelaySeconds":0)");
    EXPECT_THAT(received("q"), ElementsAre("own delay"));
}

TEST_F(Messages, AreNotDelayedByAClockThatIsSetBack) {
    send("q", "a");
    send("q", "late", R"(,"DelaySeconds":10)");
    sim_.step_wall_clock(-5min);
    reopen();
    EXPECT_THAT(received("q"), ElementsAre("a"));
    pass(10s);
    EXPECT_THAT(received("q"), ElementsAre("late"));
}

TEST_F(Messages, ExpireAndTheirSpaceComesBack) {
    ok("SetQueueAttributes", of("q", R"(,"Attributes":{"MessageRetentionPeriod":"60"})"));
    const std::string body(30'000, 'x');
    for (int i = 0; i < 10; ++i) send("q", body);
    receive("q");
    pass(61s);
    EXPECT_THAT(received("q"), IsEmpty());
    EXPECT_EQ(attribute("q", "ApproximateNumberOfMessagesNotVisible"), "0");
    send("q", "new");
    pass(1ms);
    const auto name = engine_.logs->log_names().front();
    EXPECT_GE((*engine_.logs->open_log(name))->bounds().first, 6u);
    reopen();
    EXPECT_THAT(received("q"), ElementsAre("new"));
}

TEST_F(Messages, ArePurgedForGood) {
    send("q", "a");
    receive("q");
    send("q", "b");
    ok("PurgeQueue", of("q"));
    send("q", "c");
    pass(31s);
    EXPECT_THAT(received("q"), ElementsAre("c"));
    reopen();
    EXPECT_THAT(received("q"), ElementsAre("c"));
}

TEST_F(Messages, GoToTheDeadLetterQueueWhenReceivedTooOften) {
    redrive("q", 2);
    const auto id = wire::text_of(send("q", "poison"), "MessageId");
    for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(received("q", R"(,"VisibilityTimeout":1)"), ElementsAre("poison"));
        pass(1s);
    }
    EXPECT_THAT(received("q"), IsEmpty());
    reopen();
    EXPECT_THAT(received("q"), IsEmpty());
    const auto dead = receive("dead", R"(,"AttributeNames":["All"])");
    ASSERT_THAT(bodies(dead), ElementsAre("poison"));
    EXPECT_EQ(wire::text_of(dead.front(), "MessageId"), id);
    EXPECT_EQ(system_attribute(dead.front(), "DeadLetterQueueSourceArn"), arn("q"));
    EXPECT_EQ(wire::write_json(*ok("ListDeadLetterSourceQueues", of("dead")).find("queueUrls")),
              R"(["http://localhost:4566/000000000000/q"])");
}

TEST_F(Messages, ComeBackFromTheDeadLetterQueue) {
    die("q");
    create("other");
    const auto start = [&](const std::string& more) {
        return ok("StartMessageMoveTask",
                  fmt::format(R"({{"SourceArn":"{}"{}}})", arn("dead"), more));
    };
    start("");
    pass(1s);
    EXPECT_THAT(received("q"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(received("dead"), IsEmpty());
    const auto tasks =
        ok("ListMessageMoveTasks", fmt::format(R"({{"SourceArn":"{}"}})", arn("dead")));
    const wire::Value& task = tasks.find("Results")->items()->front();
    EXPECT_EQ(wire::text_of(task, "Status"), "COMPLETED");
    EXPECT_EQ(*task.find("ApproximateNumberOfMessagesMoved")->integer(), 3);
}

TEST_F(Messages, AreMovedAtTheRateThatWasAskedForAndUntilCancelled) {
    die("q");
    create("other");
    const auto started =
        ok("StartMessageMoveTask", fmt::format(R"({{"SourceArn":"{}","DestinationArn":"{}",)"
                                               R"("MaxNumberOfMessagesPerSecond":1}})",
                                               arn("dead"), arn("other")));
    pass(1500ms);
    EXPECT_EQ(attribute("other", "ApproximateNumberOfMessages"), "2");
    const auto list = [&] {
        const auto tasks =
            ok("ListMessageMoveTasks", fmt::format(R"({{"SourceArn":"{}"}})", arn("dead")));
        return wire::text_of(tasks.find("Results")->items()->front(), "Status");
    };
    EXPECT_THAT(error("StartMessageMoveTask", fmt::format(R"({{"SourceArn":"{}"}})", arn("dead"))),
                HasSubstr("There is already a task running"));
    reopen();
    EXPECT_EQ(list(), "RUNNING") << "it goes on after a restart";
    ok("CancelMessageMoveTask",
       fmt::format(R"({{"TaskHandle":"{}"}})", wire::text_of(started, "TaskHandle")));
    pass(1ms);
    EXPECT_EQ(list(), "CANCELLED");
}

TEST_F(Messages, OfABatchHaveEachItsAnswer) {
    const auto answer = ok("SendMessageBatch", of("q", R"(,"Entries":[
        {"Id":"1","MessageBody":"a"},{"Id":"2","MessageBody":"b","DelaySeconds":901},
        {"Id":"3","MessageBody":"c","MessageDeduplicationId":"x"}])"));
    EXPECT_THAT(*answer.find("Successful")->items(), SizeIs(1));
    const auto& failed = *answer.find("Failed")->items();
    ASSERT_THAT(failed, SizeIs(2));
    EXPECT_EQ(wire::text_of(failed[0], "Code"), "InvalidParameterValue");
    const auto messages = receive("q");
    const auto deleted =
        ok("DeleteMessageBatch", of("q", R"(,"Entries":[{"Id":"a","ReceiptHandle":"wrong"},)"
                                         R"({"Id":"b","ReceiptHandle":")" +
                                             handle(messages.front()) + R"("}])"));
    EXPECT_EQ(wire::text_of(deleted.find("Failed")->items()->front(), "Code"),
              "ReceiptHandleIsInvalid");
    EXPECT_EQ(wire::text_of(deleted.find("Successful")->items()->front(), "Id"), "b");
}

TEST_F(Messages, AreRefusedForWhatIsWrongWithThem) {
    const auto refused = [&](const std::string& members) {
        return error("SendMessage", of("q", members));
    };
    EXPECT_THAT(refused(R"(,"MessageBody":"")"),
                "MissingRequiredParameterException: The request must contain the parameter "
                "MessageBody.");
    EXPECT_THAT(refused(R"(,"MessageBody":"\u0001")"), StartsWith("InvalidMessageContents"));
    EXPECT_THAT(refused(R"(,"MessageBody":"x","DelaySeconds":901)"),
                HasSubstr("for parameter DelaySeconds is invalid"));
    EXPECT_THAT(refused(R"(,"MessageBody":")" + std::string(1'048'577, 'x') + "\""),
                HasSubstr("Message must be shorter than 1048576 bytes"));
    EXPECT_THAT(refused(R"(,"MessageBody":"x","MessageAttributes":{"a":{"DataType":"Text"}})"),
                HasSubstr("supported type prefixes"));
    EXPECT_THAT(refused(R"(,"MessageBody":"x","MessageAttributes":{"AWS.a":{"DataType":"String",
        "StringValue":"x"}})"),
                HasSubstr("AWS.a"));
    const auto batch = [&](const std::string& entries) {
        return error("SendMessageBatch", of("q", R"(,"Entries":[)" + entries + "]"));
    };
    EXPECT_THAT(batch(""), StartsWith("EmptyBatchRequest"));
    EXPECT_THAT(batch(R"({"Id":"a b","MessageBody":"x"})"), StartsWith("InvalidBatchEntryId"));
    EXPECT_THAT(batch(R"({"Id":"a","MessageBody":"x"},{"Id":"a","MessageBody":"x"})"),
                StartsWith("BatchEntryIdsNotDistinct"));
    EXPECT_THAT(error("ReceiveMessage", of("q", R"(,"MaxNumberOfMessages":11)")),
                HasSubstr("MaxNumberOfMessages is invalid"));
    EXPECT_THAT(error("DeleteMessage", of("q", with_handle("x"))),
                StartsWith("ReceiptHandleIsInvalid"));
    EXPECT_THAT(error("ReceiveMessage", of("none")), StartsWith("QueueDoesNotExist"));
}

TEST_F(Messages, AreKnownToHaveBeenReceivedAfterARestart) {
    redrive("q", 3);
    const auto count = [this] {
        const auto messages = receive("q", R"(,"VisibilityTimeout":300,"AttributeNames":["All"])");
        if (messages.empty()) return std::string("none");
        return system_attribute(messages.front(), "ApproximateReceiveCount") + ", first at " +
               system_attribute(messages.front(), "ApproximateFirstReceiveTimestamp");
    };
    send("q", "poison");
    const std::string at = ", first at " + std::to_string(epoch_ms(sim_.machine().clock.wall()));
    EXPECT_EQ(count(), "1" + at);
    for (const char* expected : {"2", "3"}) {
        pass(1s);
        reopen();
        EXPECT_EQ(count(), expected + at);
    }
    pass(1s);
    reopen();
    EXPECT_EQ(count(), "none");
    EXPECT_THAT(received("dead"), ElementsAre("poison"));
}

// A crash is no failure of the function that was to handle them.
TEST_F(Messages, ThatAMappingHasTakenCountOnceTheyHaveFailed) {
    redrive("q", 1);
    send("q", "a");
    const auto take = [this] {
        auto taken = sim_.await(sqs_->take_messages(arn("q"), 10));
        EXPECT_TRUE(taken);
        return taken ? *std::move(taken) : std::vector<ports::SourceMessage>();
    };
    for (int crash = 0; crash < 3; ++crash) {
        EXPECT_THAT(take(), SizeIs(1));
        pass(1s);
        reopen();
    }
    sqs_->note_failed(arn("q"), {take().at(0).receipt_handle});
    pass(1s);
    reopen();
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_THAT(received("dead"), ElementsAre("a"));
}

// Where no receive is one too many, what is received once and deleted costs no write.
TEST_F(Messages, AreWrittenDownAsReceivedWhenItIsNotTheFirstTime) {
    send("q", "a");
    const auto records = [this] {
        pass(1s);
        const auto name = engine_.logs->log_names().front();
        return (*engine_.logs->open_log(name))->bounds().next;
    };
    receive("q", R"(,"VisibilityTimeout":0)");
    EXPECT_EQ(records(), 1u);
    receive("q", R"(,"VisibilityTimeout":0)");
    EXPECT_EQ(records(), 2u);
    reopen();
    EXPECT_EQ(system_attribute(receive("q", R"(,"AttributeNames":["All"])").front(),
                               "ApproximateReceiveCount"),
              "3");
}

// What is still wanted is copied behind what is not; nothing comes back by that, and nothing goes.
TEST_F(Messages, SurviveTheCleaningOfTheLog) {
    options_.waste_bytes_min = 300'000;
    reopen();
    redrive("q", 100);
    send("q", "stuck");
    const std::string body(20'000, 'x');
    for (int i = 0; i < 60; ++i) {
        send("q", body);
        for (const auto& message : receive("q", R"(,"VisibilityTimeout":300)")) {
            if (wire::text_of(message, "Body") != "stuck") erase("q", message);
        }
        pass(1ms);
        if (i % 20 == 19) reopen();
    }
    std::uint64_t records = 0;  // of both queues
    for (const std::string& name : engine_.logs->log_names()) {
        const storage::Bounds bounds = (*engine_.logs->open_log(name))->bounds();
        records += bounds.next - bounds.first;
    }
    EXPECT_LT(records, 90u) << "of some 180 records";
    reopen();
    const auto stuck = receive("q", R"(,"AttributeNames":["All"])");
    ASSERT_THAT(bodies(stuck), ElementsAre("stuck"));
    EXPECT_EQ(system_attribute(stuck.front(), "ApproximateReceiveCount"), "4");
}

TEST_F(Messages, LeaveALogThatDoesNotGrowWhenTheyAreOnlyEverReceived) {
    constexpr int times = 12'000;
    options_.waste_bytes_min = 100'000;
    reopen();
    send("q", "stuck");
    for (int i = 0; i < times; ++i) receive("q", R"(,"VisibilityTimeout":0)");
    pass(1s);
    const auto name = engine_.logs->log_names().front();
    const storage::Bounds bounds = (*engine_.logs->open_log(name))->bounds();
    EXPECT_GE(bounds.next, std::uint64_t{times});
    EXPECT_LT(bounds.next - bounds.first, 7'000u);
    reopen();
    const auto stuck = receive("q", R"(,"AttributeNames":["All"])");
    ASSERT_THAT(bodies(stuck), ElementsAre("stuck"));
    EXPECT_EQ(system_attribute(stuck.front(), "ApproximateReceiveCount"),
              std::to_string(times + 1));
}

}  // namespace
}  // namespace mill::sqs
