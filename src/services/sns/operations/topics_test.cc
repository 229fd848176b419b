// SPDX-License-Identifier: Apache-2.0
#include "services/sns/sns_fixture.h"
#include "storage/contract/troubled_table.h"

namespace mill::sns {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

using Topics = SnsTest;

TEST_F(Topics, AreMadeOnceAndFoundAgain) {
    create("t");
    create("t");
    EXPECT_EQ(wire::write_json(ok("ListTopics", "{}")),
              R"({"Topics":[{"TopicArn":")" + topic("t") + R"("}]})");
    EXPECT_THAT(error("CreateTopic", R"({"Name":"t","Attributes":{"DisplayName":"x"}})"),
                HasSubstr("Topic already exists with different attributes"));
    reopen();
    EXPECT_THAT(*ok("ListTopics", "{}").find("Topics")->items(), SizeIs(1));
    ok("DeleteTopic", of("t"));
    ok("DeleteTopic", of("t"));
    reopen();
    EXPECT_THAT(*ok("ListTopics", "{}").find("Topics")->items(), IsEmpty());
}

TEST_F(Topics, AreListedInPages) {
    for (int i = 0; i < 101; ++i) create(fmt::format("t{:03}", i));
    const auto page = ok("ListTopics", "{}");
    EXPECT_THAT(*page.find("Topics")->items(), SizeIs(100));
    const auto rest =
        ok("ListTopics", R"({"NextToken":")" + wire::text_of(page, "NextToken") + "\"}");
    EXPECT_EQ(wire::text_of(rest.find("Topics")->items()->front(), "TopicArn"), topic("t100"));
}

TEST_F(Topics, TellTheirAttributes) {
    create("t", R"("DisplayName":"Orders")");
    ok("SetTopicAttributes",
       of("t", R"(,"AttributeName":"SignatureVersion","AttributeValue":"2")"));
    subscribe("t", queue("q"));
    subscribe("t", "http://localhost:1/", "", "http");
    reopen();
    const auto answer = ok("GetTopicAttributes", of("t"));
    const wire::Value& attributes = *answer.find("Attributes");
    EXPECT_EQ(wire::text_of(attributes, "DisplayName"), "Orders");
    EXPECT_EQ(wire::text_of(attributes, "SignatureVersion"), "2");
    EXPECT_EQ(wire::text_of(attributes, "SubscriptionsConfirmed"), "1");
    EXPECT_EQ(wire::text_of(attributes, "SubscriptionsPending"), "1");
    EXPECT_THAT(wire::text_of(attributes, "Policy"), HasSubstr("__default_statement_ID"));
}

TEST_F(Topics, RefuseWhatIsWrong) {
    EXPECT_EQ(error("CreateTopic", R"({"Name":"a b"})"),
              "InvalidParameter: Invalid parameter: Topic Name");
    EXPECT_THAT(error("CreateTopic", R"({"Name":"a","Attributes":{"FifoTopic":"true"}})"),
                HasSubstr("must end with .fifo"));
    EXPECT_EQ(error("GetTopicAttributes", of("none")), "NotFound: Topic does not exist");
    EXPECT_THAT(error("GetTopicAttributes", R"({"TopicArn":"x"})"), StartsWith("InvalidParameter"));
    create("t");
    EXPECT_THAT(
        error("SetTopicAttributes", of("t", R"(,"AttributeName":"Colour","AttributeValue":"x")")),
        StartsWith("InvalidParameter"));
    EXPECT_THAT(error("SetTopicAttributes",
                      of("t", R"(,"AttributeName":"ArchivePolicy","AttributeValue":"{}")")),
                HasSubstr("Millrace does not support ArchivePolicy"));
    EXPECT_THAT(error("Subscribe", of("t", R"(,"Protocol":"sms","Endpoint":"+1")")),
                HasSubstr("Millrace delivers to sqs, lambda, http and https"));
    EXPECT_THAT(error("Subscribe", of("t", R"(,"Protocol":"https","Endpoint":"http://[::1]/")")),
                HasSubstr("Endpoint must match the specified protocol"));
    for (const std::string url : {"https://", "https:///x", "https://a..b/", "https://a!b/",
                                  "https://u:p@x.com/", "https://[x]/", "https://x.com:port/"}) {
        const std::string message =
            error("Subscribe", of("t", R"(,"Protocol":"https","Endpoint":")" + url + "\""));
        EXPECT_THAT(message, HasSubstr("Millrace delivers to https://HOST[:PORT]/...")) << url;
    }
    EXPECT_THAT(error("Publish", R"({"Message":"x"})"), HasSubstr("TopicArn or TargetArn"));
    EXPECT_THAT(error("Publish", of("t", R"(,"Message":"")")), HasSubstr("Empty message"));
    EXPECT_THAT(error("Publish", of("t", R"(,"Message":"x","MessageStructure":"json")")),
                HasSubstr("JSON message body failed to parse"));
    EXPECT_THAT(error("Publish", of("t", R"(,"Message":"{}","MessageStructure":"json")")),
                HasSubstr("No default entry"));
}

TEST_F(Topics, HaveTagsAndPermissions) {
    create("t", R"("Policy":"")");
    const std::string resource = R"({"ResourceArn":")" + topic("t") + "\"";
    ok("TagResource", resource + R"(,"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]})");
    ok("UntagResource", resource + R"(,"TagKeys":["a"]})");
    EXPECT_EQ(wire::write_json(ok("ListTagsForResource", resource + "}")),
              R"({"Tags":[{"Key":"b","Value":"2"}]})");
    const std::string permission =
        R"(,"Label":"l","AWSAccountId":["111111111111"],"ActionName":["Publish"])";
    const auto policy = [&] {
        const auto answer = ok("GetTopicAttributes", of("t"));
        return wire::text_of(*answer.find("Attributes"), "Policy");
    };
    const std::string without = policy();
    EXPECT_THAT(without, HasSubstr("__default_statement_ID"));
    ok("AddPermission", of("t", permission));
    EXPECT_THAT(policy(), AllOf(HasSubstr("__default_statement_ID"), HasSubstr(R"("Sid":"l")")));
    EXPECT_THAT(error("AddPermission", of("t", permission)), HasSubstr("already exists"));
    ok("RemovePermission", of("t", R"(,"Label":"l")"));
    EXPECT_EQ(policy(), without);
    ok("RemovePermission", of("t", R"(,"Label":"__default_statement_ID")"));
    EXPECT_THAT(policy(), HasSubstr(R"("Statement":[])"));
    ok("AddPermission", of("t", permission));
    EXPECT_THAT(policy(),
                AllOf(Not(HasSubstr("__default_statement_ID")), HasSubstr(R"("Sid":"l")")));
}

TEST_F(Topics, AddPermissionsToPoliciesWithoutAListOfStatements) {
    create("t");
    for (const std::string policy : {R"({})", R"({\"Statement\":{\"Sid\":\"one\"}})"}) {
        ok("SetTopicAttributes",
           of("t", R"(,"AttributeName":"Policy","AttributeValue":")" + policy + "\""));
        ok("AddPermission",
           of("t", R"(,"Label":"l","AWSAccountId":["111111111111"],"ActionName":["Publish"])"));
        const auto answer = ok("GetTopicAttributes", of("t"));
        const auto added = wire::parse_json(wire::text_of(*answer.find("Attributes"), "Policy"));
        for (const wire::Value& statement : *added->find("Statement")->items())
            EXPECT_TRUE(statement.members()) << policy;
        EXPECT_EQ(added->find("Statement")->items()->size(), policy == "{}" ? 1u : 2u);
    }
}

TEST_F(Topics, HaveSubscriptions) {
    create("t");
    const std::string arn = subscribe("t", queue("q"));
    EXPECT_EQ(subscribe("t", queue("q")), arn) << "once";
    EXPECT_THAT(arn, StartsWith(topic("t") + ":"));
    EXPECT_EQ(wire::write_json(ok("ListSubscriptionsByTopic", of("t"))),
              fmt::format(R"({{"Subscriptions":[{{"SubscriptionArn":"{}","Owner":"000000000000",)"
                          R"("Protocol":"sqs","Endpoint":"{}","TopicArn":"{}"}}]}})",
                          arn, queue("q"), topic("t")));
    const std::string which = R"({"SubscriptionArn":")" + arn + "\"";
    ok("SetSubscriptionAttributes",
       which + R"(,"AttributeName":"RawMessageDelivery","AttributeValue":"true"})");
    reopen();
    const auto answer = ok("GetSubscriptionAttributes", which + "}");
    EXPECT_EQ(wire::text_of(*answer.find("Attributes"), "RawMessageDelivery"), "true");
    EXPECT_EQ(wire::text_of(*answer.find("Attributes"), "PendingConfirmation"), "false");
    ok("Unsubscribe", which + "}");
    ok("Unsubscribe", which + "}");
    EXPECT_EQ(error("GetSubscriptionAttributes", which + "}"),
              "NotFound: Subscription does not exist");
    EXPECT_THAT(*ok("ListSubscriptions", "{}").find("Subscriptions")->items(), IsEmpty());
}

TEST_F(Topics, ASubscriptionThatIsEndedAndChangedAtOnceStaysEnded) {
    // As a disk answers.
    engine_.table = std::make_unique<storage::contract::TroubledTable>(
        sim_.machine(), std::move(engine_.table),
        storage::contract::Slowness{.after = std::chrono::milliseconds(1)});
    reopen();
    create("t");
    const std::string arn = subscribe("t", queue("q"));
    const Sns::Found found = *sns_->find_subscription(arn);
    Scope scope;
    std::optional<Result<void>> ended, changed;
    const auto keep = [](Task<Result<void>> task, std::optional<Result<void>>* in) -> Task<void> {
        *in = co_await std::move(task);
    };
    scope.spawn(keep(sns_->unsubscribe(found), &ended));
    scope.spawn(keep(sns_->change_subscription(found,
                                               [](SubscriptionRow& row) -> Result<void> {
                                                   row.attributes["RawMessageDelivery"] = "true";
                                                   return {};
                                               }),
                     &changed));
    ASSERT_TRUE(sim_.run_until([&] { return ended && changed; }));
    EXPECT_TRUE(*ended);
    ASSERT_FALSE(*changed);
    EXPECT_EQ(changed->error().code, "NotFound");
    reopen();
    EXPECT_THAT(*ok("ListSubscriptions", "{}").find("Subscriptions")->items(), IsEmpty());
}

TEST_F(Topics, AreResourcesOfStacks) {
    const auto request = [&](const char* type, const std::string& properties) {
        return ports::ResourceRequest{.caller = caller_,
                                      .type = type,
                                      .logical_id = "T",
                                      .stack_name = "s",
                                      .stack_id = "id",
                                      .generated_name = "s-T-0123456789ab",
                                      .properties = *wire::parse_json(properties)};
    };
    const auto made = sim_.await(sns_->create(
        request("AWS::SNS::Topic", R"({"DisplayName":"x","Subscription":[{"Protocol":"sqs",)"
                                   R"("Endpoint":")" +
                                       queue("q") + R"("}]})")));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, topic("s-T-0123456789ab"));
    EXPECT_EQ(wire::text_of(made->attributes, "TopicName"), "s-T-0123456789ab");
    const std::string subscription = fmt::format(
        R"({{"TopicArn":"{}","Protocol":"sqs","Endpoint":"{}","FilterPolicy":{{"a":["b"]}}}})",
        made->physical_id, queue("r"));
    const auto subscribed =
        sim_.await(sns_->create(request("AWS::SNS::Subscription", subscription)));
    ASSERT_TRUE(subscribed) << subscribed.error().message;
    const auto changed = sim_.await(
        sns_->update(request("AWS::SNS::Subscription",
                             fmt::format(R"({{"TopicArn":"{}","Protocol":"sqs","Endpoint":"{}"}})",
                                         made->physical_id, queue("r"))),
                     subscribed->physical_id, *wire::parse_json(subscription)));
    EXPECT_TRUE(changed) << changed.error().message;
    publish("s-T-0123456789ab", "hello");
    EXPECT_THAT(queues_.bodies(queue("q")), SizeIs(1));
    EXPECT_THAT(queues_.bodies(queue("r")), SizeIs(1));
    const auto renamed =
        sim_.await(sns_->update(request("AWS::SNS::Topic", R"({"TopicName":"other"})"),
                                made->physical_id, *wire::parse_json("{}")));
    EXPECT_EQ(renamed.error().code, "resource.replace");
    EXPECT_TRUE(sim_.await(
        sns_->remove(request("AWS::SNS::Subscription", subscription), subscribed->physical_id)));
    EXPECT_TRUE(sim_.await(sns_->remove(request("AWS::SNS::Topic", "{}"), made->physical_id)));
    EXPECT_THAT(*ok("ListTopics", "{}").find("Topics")->items(), IsEmpty());
}

}  // namespace
}  // namespace mill::sns
