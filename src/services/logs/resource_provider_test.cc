// SPDX-License-Identifier: Apache-2.0
// Log groups, their streams and filters as CloudFormation makes them.
#include "services/logs/resource_provider.h"

#include <gmock/gmock.h>

#include "services/logs/logs_fixture.h"

namespace mill::logs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct LogResourcesTest : LogsTest {
    static ports::ResourceRequest request(const std::string& type, const std::string& properties) {
        return {.caller = {},
                .type = "AWS::Logs::" + type,
                .logical_id = "One",
                .stack_name = "stack",
                .stack_id = "id",
                .generated_name = "stack-One-1",
                .properties = *wire::parse_json(properties)};
    }
    Result<ports::Resource> create(const std::string& type, const std::string& properties) {
        return sim_.await(provider().create(request(type, properties)));
    }
    Result<ports::Resource> update(const std::string& type, const std::string& id,
                                   const std::string& now, const std::string& before) {
        return sim_.await(provider().update(request(type, now), id, *wire::parse_json(before)));
    }
    Result<void> remove(const std::string& type, const std::string& id,
                        const std::string& properties) {
        return sim_.await(provider().remove(request(type, properties), id));
    }
    LogResources& provider() {
        resources_ = std::make_unique<LogResources>(*logs_);
        return *resources_;
    }
    wire::Value described() {
        return ok("DescribeLogGroups", "{}").find("logGroups")->items()->front();
    }
    std::unique_ptr<LogResources> resources_;
};

TEST_F(LogResourcesTest, AGroupHasItsRetentionAndTagsAndLosesThem) {
    constexpr auto before = R"({"RetentionInDays":"7","Tags":[{"Key":"a","Value":"1"}]})";
    const auto made = create("LogGroup", before);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "stack-One-1");
    EXPECT_EQ(wire::text_of(made->attributes, "Arn"),
              "arn:aws:logs:us-east-1:000000000000:log-group:stack-One-1:*");
    EXPECT_EQ(*described().find("retentionInDays")->integer(), 7);
    ASSERT_TRUE(update("LogGroup", "stack-One-1", R"({"RetentionInDays":30})", before));
    EXPECT_EQ(*described().find("retentionInDays")->integer(), 30);
    ASSERT_TRUE(update("LogGroup", "stack-One-1", "{}", R"({"RetentionInDays":30})"));
    EXPECT_EQ(described().find("retentionInDays"), nullptr);
    EXPECT_THAT(
        *ok("ListTagsForResource",
            R"({"resourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:stack-One-1"})")
             .find("tags")
             ->members(),
        IsEmpty());
    ASSERT_TRUE(remove("LogGroup", "stack-One-1", "{}"));
    ASSERT_TRUE(remove("LogGroup", "stack-One-1", "{}")) << "it is gone already";
}

TEST_F(LogResourcesTest, AGroupOfThatNameOrAWrongRetentionFails) {
    LogsTest::create();
    EXPECT_EQ(create("LogGroup", R"({"LogGroupName":"g"})").error().code,
              "ResourceAlreadyExistsException");
    EXPECT_THAT(create("LogGroup", R"({"RetentionInDays":8})").error().message,
                HasSubstr("'retentionInDays' failed to satisfy"));
    EXPECT_EQ(
        update("LogGroup", "g", R"({"LogGroupName":"h"})", R"({"LogGroupName":"g"})").error().code,
        "resource.replace");
}

TEST_F(LogResourcesTest, AStreamAndTagsOfTheApi) {
    LogsTest::create();
    const auto made = create("LogStream", R"({"LogGroupName":"g"})");
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(
        texts(ok("DescribeLogStreams", R"({"logGroupName":"g"})"), "logStreams", "logStreamName"),
        ElementsAre("s", "stack-One-1"));
    ASSERT_TRUE(remove("LogStream", made->physical_id, R"({"LogGroupName":"g"})"));
    constexpr auto arn = R"("resourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:g")";
    ok("TagResource", fmt::format(R"({{{},"tags":{{"a":"1","b":"2"}}}})", arn));
    ok("UntagResource", fmt::format(R"({{{},"tagKeys":["a"]}})", arn));
    reopen();
    EXPECT_EQ(
        wire::text_of(*ok("ListTagsForResource", fmt::format("{{{}}}", arn)).find("tags"), "b"),
        "2");
}

}  // namespace
}  // namespace mill::logs
