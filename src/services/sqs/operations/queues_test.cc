// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/sqs_fixture.h"

namespace mill::sqs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Queues = SqsTest;

std::vector<std::string> urls(const wire::Value& answer) {
    std::vector<std::string> found;
    const wire::Value* list = answer.find("QueueUrls");
    if (!list) return found;
    for (const auto& url : *list->items()) found.push_back(*url.string());
    return found;
}

TEST_F(Queues, AreMadeOnceAndFoundAgain) {
    const std::string create_q = R"({"QueueName":"q","Attributes":{"VisibilityTimeout":"40"}})";
    const auto made = ok("CreateQueue", create_q);
    EXPECT_EQ(wire::text_of(made, "QueueUrl"), "http://localhost:4566/000000000000/q");
    EXPECT_EQ(ok("CreateQueue", create_q), made);
    EXPECT_EQ(ok("CreateQueue", R"({"QueueName":"q"})"), made);
    EXPECT_EQ(error("CreateQueue", R"({"QueueName":"q","Attributes":{"VisibilityTimeout":"41"}})"),
              "QueueNameExists: A queue already exists with the same name and a different value "
              "for attribute VisibilityTimeout");
    reopen();
    caller_.host = "host:1";
    EXPECT_EQ(wire::text_of(ok("GetQueueUrl", R"({"QueueName":"q"})"), "QueueUrl"),
              "http://host:1/000000000000/q");
    EXPECT_EQ(error("GetQueueUrl", R"({"QueueName":"r"})"),
              "QueueDoesNotExist: The specified queue does not exist.");
}

TEST_F(Queues, HaveTheAttributesThatAwsGivesThem) {
    create("q", R"("DelaySeconds":"5")");
    const auto all = ok("GetQueueAttributes", of("q", R"(,"AttributeNames":["All"])"));
    const wire::Value& attributes = *all.find("Attributes");
    const auto has = [&](const char* name) { return wire::text_of(attributes, name, "none"); };
    EXPECT_EQ(has("DelaySeconds"), "5");
    EXPECT_EQ(has("VisibilityTimeout"), "30");
    EXPECT_EQ(has("MaximumMessageSize"), "1048576");
    EXPECT_EQ(has("MessageRetentionPeriod"), "345600");
    EXPECT_EQ(has("QueueArn"), arn("q"));
    EXPECT_EQ(has("SqsManagedSseEnabled"), "true");
    EXPECT_EQ(has("FifoQueue"), "none");
    EXPECT_THAT(*ok("GetQueueAttributes", of("q")).members(), IsEmpty());
    EXPECT_THAT(error("GetQueueAttributes", of("q", R"(,"AttributeNames":["Colour"])")),
                "InvalidAttributeName: Unknown Attribute Colour.");
    create("f.fifo");
    EXPECT_EQ(attribute("f.fifo", "DeduplicationScope"), "queue");
}

TEST_F(Queues, ChangeTheirAttributesForGood) {
    create("q");
    ok("SetQueueAttributes",
       of("q", R"(,"Attributes":{"VisibilityTimeout":"7","KmsMasterKeyId":"alias/mine",)"
               R"("Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"})"));
    reopen();
    EXPECT_EQ(attribute("q", "VisibilityTimeout"), "7");
    EXPECT_EQ(attribute("q", "SqsManagedSseEnabled"), "false");
    EXPECT_THAT(attribute("q", "Policy"), HasSubstr("2012-10-17"));
    ok("SetQueueAttributes", of("q", R"(,"Attributes":{"Policy":"","KmsMasterKeyId":""})"));
    EXPECT_EQ(attribute("q", "Policy"), "");
}

TEST_F(Queues, RefuseAttributesThatAreWrong) {
    create("q");
    const auto set = [&](const std::string& attributes) {
        return error("SetQueueAttributes", of("q", R"(,"Attributes":{)" + attributes + "}"));
    };
    EXPECT_THAT(set(R"("VisibilityTimeout":"43201")"), StartsWith("InvalidAttributeValue"));
    EXPECT_THAT(set(R"("DelaySeconds":"soon")"), StartsWith("InvalidAttributeValue"));
    EXPECT_THAT(set(R"("QueueArn":"x")"), StartsWith("InvalidAttributeName"));
    EXPECT_THAT(set(R"("ContentBasedDeduplication":"true")"), StartsWith("InvalidAttributeName"));
    EXPECT_THAT(set(R"("RedrivePolicy":"x")"), HasSubstr("not a valid JSON map"));
    EXPECT_THAT(set(R"("RedrivePolicy":"{\"maxReceiveCount\":1}")"),
                HasSubstr("deadLetterTargetArn"));
    const auto redrive = [&](const std::string& target, int count) {
        return set(fmt::format(R"("RedrivePolicy":"{{\"deadLetterTargetArn\":\"{}\",)"
                               R"(\"maxReceiveCount\":{}}}")",
                               arn(target), count));
    };
    EXPECT_THAT(redrive("none", 1), HasSubstr("Dead letter target does not exist"));
    create("dead", R"("RedriveAllowPolicy":"{\"redrivePermission\":\"denyAll\"}")");
    EXPECT_THAT(redrive("dead", 1), HasSubstr("Redrive permission denied"));
    EXPECT_THAT(redrive("dead", 1001), HasSubstr("valid values are from 1 to 1000"));
    EXPECT_THAT(redrive("dead.fifo", 1), HasSubstr("same type"));
    const std::string allow =
        R"("{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":[\")" + arn("q") + R"(\"]}")";
    ok("SetQueueAttributes", of("dead", R"(,"Attributes":{"RedriveAllowPolicy":)" + allow + "}"));
    EXPECT_EQ(redrive("dead", 1), "no error");
    EXPECT_THAT(error("CreateQueue", R"({"QueueName":"a.b"})"),
                HasSubstr("Can only include alphanumeric characters, hyphens, or underscores"));
    EXPECT_THAT(error("CreateQueue", R"({"QueueName":"a.fifo"})"),
                StartsWith("InvalidParameterValueException"));
    EXPECT_THAT(error("CreateQueue", R"({"QueueName":"a","Attributes":{"FifoQueue":"true"}})"),
                HasSubstr("must end with .fifo"));
}

TEST_F(Queues, AreListedByNameInPages) {
    for (const char* name : {"b", "a", "c", "other"}) create(name);
    const std::string base = "http://localhost:4566/000000000000/";
    EXPECT_THAT(urls(ok("ListQueues", "{}")),
                ElementsAre(base + "a", base + "b", base + "c", base + "other"));
    EXPECT_THAT(urls(ok("ListQueues", R"({"QueueNamePrefix":"o"})")), ElementsAre(base + "other"));
    const auto page = ok("ListQueues", R"({"MaxResults":3})");
    const auto rest = ok("ListQueues", R"({"MaxResults":3,"NextToken":")" +
                                           wire::text_of(page, "NextToken") + "\"}");
    EXPECT_THAT(urls(rest), ElementsAre(base + "other"));
    EXPECT_EQ(rest.find("NextToken"), nullptr);
    caller_.region = "eu-west-1";
    EXPECT_THAT(*ok("ListQueues", "{}").members(), IsEmpty());
}

TEST_F(Queues, AreDeletedWithAllThatIsInThem) {
    create("q");
    send("q", "x");
    ok("DeleteQueue", of("q"));
    EXPECT_THAT(error("DeleteQueue", of("q")), StartsWith("QueueDoesNotExist"));
    create("q");
    reopen();
    EXPECT_THAT(received("q"), IsEmpty());
}

TEST_F(Queues, HaveTags) {
    ok("CreateQueue", R"({"QueueName":"q","tags":{"a":"1"}})");
    ok("TagQueue", of("q", R"(,"Tags":{"b":"2","c":"3"})"));
    ok("UntagQueue", of("q", R"(,"TagKeys":["a","none"])"));
    reopen();
    EXPECT_EQ(wire::write_json(ok("ListQueueTags", of("q"))), R"({"Tags":{"b":"2","c":"3"}})");
}

TEST_F(Queues, HavePermissionsByLabel) {
    create("q");
    const std::string permission =
        R"(,"Label":"one","AWSAccountIds":["111111111111"],"Actions":["SendMessage"])";
    ok("AddPermission", of("q", permission));
    EXPECT_THAT(attribute("q", "Policy"),
                HasSubstr(R"("Sid":"one","Effect":"Allow","Principal":{"AWS":)"
                          R"("arn:aws:iam::111111111111:root"},"Action":"SQS:SendMessage")"));
    EXPECT_THAT(error("AddPermission", of("q", permission)), HasSubstr("Already exists"));
    ok("RemovePermission", of("q", R"(,"Label":"one")"));
    EXPECT_EQ(attribute("q", "Policy"), "");
    EXPECT_THAT(error("RemovePermission", of("q", R"(,"Label":"one")")), HasSubstr("find label"));
}

TEST_F(Queues, TakeFailureNotices) {
    create("q");
    EXPECT_TRUE(sim_.await(sqs_->deliver({.destination_arn = arn("q"), .document = "{}"})));
    EXPECT_THAT(received("q"), ElementsAre("{}"));
    const auto refused = sim_.await(sqs_->deliver({.destination_arn = arn("none")}));
    EXPECT_EQ(refused.error().code, "QueueDoesNotExist");
}

struct QueueResources : SqsTest {
    ports::ResourceRequest request(const std::string& properties,
                                   const std::string& type = "AWS::SQS::Queue") {
        return {.caller = caller_,
                .type = type,
                .logical_id = "Q",
                .stack_name = "s",
                .stack_id = "id",
                .generated_name = "s-Q-0123456789ab",
                .properties = *wire::parse_json(properties)};
    }
};

TEST_F(QueueResources, AreMadeChangedAndRemoved) {
    const std::string before = R"({"VisibilityTimeout":45,"Tags":[{"Key":"a","Value":"b"}]})";
    const auto made = sim_.await(sqs_->create(request(before)));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "http://localhost:4566/000000000000/s-Q-0123456789ab");
    EXPECT_EQ(wire::write_json(made->attributes),
              R"({"Arn":"arn:aws:sqs:us-east-1:000000000000:s-Q-0123456789ab",)"
              R"("QueueName":"s-Q-0123456789ab","QueueUrl":")" +
                  made->physical_id + "\"}");
    const auto again = sim_.await(sqs_->create(request(before)));
    EXPECT_THAT(again.error().message, HasSubstr("already exists"));
    // By name, as one that takes up its work after a crash knows it.
    const auto changed = sim_.await(sqs_->update(request(R"({"DelaySeconds":"3"})"),
                                                 "s-Q-0123456789ab", *wire::parse_json(before)));
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->physical_id, made->physical_id);
    EXPECT_EQ(attribute("s-Q-0123456789ab", "DelaySeconds"), "3");
    EXPECT_EQ(attribute("s-Q-0123456789ab", "VisibilityTimeout"), "30");
    const auto renamed = sim_.await(sqs_->update(request(R"({"QueueName":"other"})"),
                                                 made->physical_id, *wire::parse_json(before)));
    EXPECT_EQ(renamed.error().code, "resource.replace");
    EXPECT_TRUE(sim_.await(sqs_->remove(request(before), made->physical_id)));
    EXPECT_TRUE(sim_.await(sqs_->remove(request(before), made->physical_id)));
    EXPECT_THAT(*ok("ListQueues", "{}").members(), IsEmpty());
}

TEST_F(QueueResources, MayBeFifoQueuesWithPolicies) {
    const auto made = sim_.await(sqs_->create(request(R"({"FifoQueue":true})")));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(made->physical_id, HasSubstr("/s-Q-0123456789ab.fifo"));
    const auto policy =
        request(R"({"Queues":[")" + made->physical_id + R"("],"PolicyDocument":{"Statement":[]}})",
                "AWS::SQS::QueuePolicy");
    const auto attached = sim_.await(sqs_->create(policy));
    ASSERT_TRUE(attached) << attached.error().message;
    EXPECT_EQ(attribute("s-Q-0123456789ab.fifo", "Policy"), R"({"Statement":[]})");
    EXPECT_TRUE(sim_.await(sqs_->remove(policy, attached->physical_id)));
    EXPECT_EQ(attribute("s-Q-0123456789ab.fifo", "Policy"), "");
    const auto odd = sim_.await(sqs_->create(request(R"({"Colour":"red"})")));
    EXPECT_THAT(odd.error().message, HasSubstr("does not support the property Colour"));
}

}  // namespace
}  // namespace mill::sqs
