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

struct Fifo : SqsTest {
    Fifo() { create("q.fifo"); }
};

TEST_F(Fifo, GivesTheMessagesOfAGroupInOrder) {
    for (const char* body : {"1", "2", "3"}) send_to("a", body);
    const auto first = receive("q.fifo", R"(,"AttributeNames":["All"])");
    EXPECT_THAT(bodies(first), ElementsAre("1", "2", "3"));
    EXPECT_EQ(system_attribute(first[0], "MessageGroupId"), "a");
    EXPECT_EQ(system_attribute(first[0], "MessageDeduplicationId"), "1");
    EXPECT_LT(system_attribute(first[0], "SequenceNumber"),
              system_attribute(first[1], "SequenceNumber"));
}

TEST_F(Fifo, LocksAGroupWhileAMessageOfItIsInFlight) {
    send_to("a", "a1");
    send_to("a", "a2");
    send_to("b", "b1");
    const auto one = ok("ReceiveMessage", of("q.fifo"));
    EXPECT_THAT(bodies(*one.find("Messages")->items()), ElementsAre("a1"));
    EXPECT_THAT(received("q.fifo"), ElementsAre("b1"));
    EXPECT_THAT(received("q.fifo"), IsEmpty());
    erase("q.fifo", one.find("Messages")->items()->front());
    EXPECT_THAT(received("q.fifo"), ElementsAre("a2"));
}

TEST_F(Fifo, GivesWhatTimedOutBeforeWhatFollows) {
    send_to("a", "a1");
    send_to("a", "a2");
    ok("ReceiveMessage", of("q.fifo", R"(,"VisibilityTimeout":5)"));
    pass(5s);
    EXPECT_THAT(received("q.fifo"), ElementsAre("a1", "a2"));
}

TEST_F(Fifo, KeepsTheOrderOverARestart) {
    for (int i = 0; i < 10; ++i) send_to(i % 2 ? "odd" : "even", std::to_string(i));
    const auto some = receive("q.fifo");
    EXPECT_THAT(bodies(some), ElementsAre("0", "2", "4", "6", "8", "1", "3", "5", "7", "9"));
    erase("q.fifo", some[0]);
    reopen();
    EXPECT_THAT(received("q.fifo"), ElementsAre("1", "3", "5", "7", "9", "2", "4", "6", "8"));
}

TEST_F(Fifo, TakesAMessageOnceInFiveMinutes) {
    const auto first = send_to("a", "x", "id");
    const auto again = send_to("a", "y", "id");
    for (const char* same : {"MessageId", "SequenceNumber"})
        EXPECT_EQ(wire::text_of(again, same), wire::text_of(first, same));
    erase("q.fifo", receive("q.fifo").front());
    pass(290s);
    reopen();
    send_to("a", "deleted since, and the server was restarted", "id");
    EXPECT_THAT(received("q.fifo"), IsEmpty());
    pass(11s);
    send_to("a", "z", "id");
    EXPECT_THAT(received("q.fifo"), ElementsAre("z"));
}

TEST_F(Fifo, TellsContentsApartWhereThatIsAskedFor) {
    EXPECT_THAT(error("SendMessage", of("q.fifo", R"(,"MessageBody":"x","MessageGroupId":"a")")),
                HasSubstr("ContentBasedDeduplication enabled or MessageDeduplicationId"));
    ok("SetQueueAttributes", of("q.fifo", R"(,"Attributes":{"ContentBasedDeduplication":"true"})"));
    for (const char* body : {"x", "x", "y"}) send("q.fifo", body, R"(,"MessageGroupId":"a")");
    EXPECT_THAT(received("q.fifo"), ElementsAre("x", "y"));
}

TEST_F(Fifo, DeduplicatesInAGroupOnlyWhereThatIsAskedFor) {
    ok("SetQueueAttributes", of("q.fifo", R"(,"Attributes":{"DeduplicationScope":"messageGroup",)"
                                          R"("FifoThroughputLimit":"perMessageGroupId"})"));
    send_to("a", "a", "id");
    send_to("b", "b", "id");
    send_to("b", "again", "id");
    EXPECT_THAT(received("q.fifo"), ElementsAre("a", "b"));
}

TEST_F(Fifo, RefusesReceiptHandlesThatHaveExpired) {
    send_to("a", "x");
    const auto message = receive("q.fifo", R"(,"VisibilityTimeout":5)").front();
    pass(5s);
    EXPECT_THAT(error("DeleteMessage", of("q.fifo", with_handle(handle(message)))),
                HasSubstr("The receipt handle has expired."));
    EXPECT_THAT(received("q.fifo"), ElementsAre("x"));
}

TEST_F(Fifo, GivesARepeatedAttemptTheSameMessages) {
    for (const char* body : {"1", "2"}) send_to("a", body);
    const std::string attempt = R"(,"ReceiveRequestAttemptId":"one")";
    const auto first = receive("q.fifo", attempt);
    const auto again = receive("q.fifo", attempt);
    ASSERT_THAT(bodies(again), ElementsAre("1", "2"));
    EXPECT_EQ(handle(first[1]), handle(again[1]));
    erase("q.fifo", first[0]);
    EXPECT_THAT(received("q.fifo", attempt), IsEmpty());
}

TEST_F(Fifo, BuriesWhatWasReceivedTooOftenBeforeWhatFollowsIt) {
    create("dead.fifo");
    ok("SetQueueAttributes",
       of("q.fifo", fmt::format(R"(,"Attributes":{{"RedrivePolicy":"{{\"deadLetterTargetArn\":)"
                                R"(\"{}\",\"maxReceiveCount\":\"1\"}}"}})",
                                arn("dead.fifo"))));
    send_to("a", "poison");
    send_to("a", "next");
    ok("ReceiveMessage", of("q.fifo", R"(,"VisibilityTimeout":0)"));
    EXPECT_THAT(received("q.fifo"), ElementsAre("next"));
    EXPECT_THAT(received("dead.fifo"), ElementsAre("poison"));
}

TEST_F(Fifo, WantsWhatAFifoQueueNeeds) {
    EXPECT_THAT(error("SendMessage", of("q.fifo", R"(,"MessageBody":"x")")),
                HasSubstr("must contain the parameter MessageGroupId"));
    EXPECT_THAT(error("SendMessage", of("q.fifo", R"(,"MessageBody":"x","MessageGroupId":"a b",
        "MessageDeduplicationId":"1")")),
                HasSubstr("alphanumeric and punctuation"));
    EXPECT_THAT(error("SendMessage", of("q.fifo", R"(,"MessageBody":"x","MessageGroupId":"a",
        "MessageDeduplicationId":"1","DelaySeconds":5)")),
                HasSubstr("not valid for this queue type"));
}

}  // namespace
}  // namespace mill::sqs
