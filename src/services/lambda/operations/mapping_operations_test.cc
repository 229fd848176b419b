// SPDX-License-Identifier: Apache-2.0
// The operations on mappings, asked as clients ask: what they answer, what they refuse, tags.
#include <gmock/gmock.h>

#include "services/lambda/lambda_fixture.h"

namespace mill::lambda {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string mappings = "/2015-03-31/event-source-mappings";

class MappingOperationsTest : public ::testing::Test {
  protected:
    MappingOperationsTest() {
        world_.source.exists = true;
        world_.create("f", echo);
    }
    wire::http::Response create(const std::string& more) {
        return world_.call(
            "POST", mappings,
            R"({"EventSourceArn":"arn:aws:kinesis:us-east-1:000000000000:stream/orders",)"
            R"("FunctionName":"f","StartingPosition":"LATEST")" +
                more + "}");
    }
    // Of the one mapping that there is.
    std::string uuid() {
        const auto list = *wire::parse_json(world_.call("GET", mappings).body);
        return wire::text_of(list.find("EventSourceMappings")->items()->front(), "UUID");
    }
    World world_;
};

TEST_F(MappingOperationsTest, DefaultsAreThoseThatAwsShows) {
    const auto made = create("");
    EXPECT_EQ(made.status, 202) << made.body;
    for (const char* part :
         {R"("BatchSize":100)", R"("ParallelizationFactor":1)", R"("TumblingWindowInSeconds":0)",
          R"("DestinationConfig":{"OnFailure":{}})", R"("State":"Creating")",
          R"("StateTransitionReason":"User action")", R"("MaximumRetryAttempts":-1)",
          R"("LastProcessingResult":"No records processed")", R"("FunctionResponseTypes":[])"}) {
        EXPECT_THAT(made.body, HasSubstr(part));
    }
    for (const char* absent : {"FilterCriteria", "KMSKeyArn", "MetricsConfig", "OnSuccess"})
        EXPECT_THAT(made.body, Not(HasSubstr(absent)));
}

TEST_F(MappingOperationsTest, WhatWasSetIsShownAndCanBeTakenBack) {
    const auto made =
        create(R"(,"FilterCriteria":{"Filters":[{"Pattern":"{\"partitionKey\":[\"1\"]}"}]},)"
               R"("DestinationConfig":{"OnFailure":{"Destination":"arn:aws:s3:::bucket"}},)"
               R"("MetricsConfig":{"Metrics":["EventCount"]},"ParallelizationFactor":10)");
    EXPECT_EQ(made.status, 202) << made.body;
    EXPECT_THAT(made.body, HasSubstr(R"("Filters":[{"Pattern":"{\"partitionKey\":[\"1\"]}"}])"));
    EXPECT_THAT(made.body, HasSubstr(R"("OnFailure":{"Destination":"arn:aws:s3:::bucket"})"));
    world_.sim.run_for(std::chrono::seconds(1));
    const auto changed =
        world_.call("PUT", mappings + "/" + uuid(),
                    R"({"FilterCriteria":{"Filters":[]},"DestinationConfig":{"OnFailure":{}}})");
    EXPECT_EQ(changed.status, 202) << changed.body;
    EXPECT_THAT(changed.body, Not(HasSubstr("Pattern")));
    EXPECT_THAT(changed.body, HasSubstr(R"("DestinationConfig":{"OnFailure":{}})"));
    EXPECT_THAT(changed.body, HasSubstr(R"("ParallelizationFactor":10)"));
}

TEST_F(MappingOperationsTest, WhatBelongsToOtherSourcesIsRefusedAsAwsRefusesIt) {
    const auto refused = create(R"(,"Topics":["t"])");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body,
                HasSubstr("Unsupported Topics parameter for given event source mapping type."));
    EXPECT_THAT(
        create(R"(,"DestinationConfig":{"OnSuccess":{"Destination":"arn:aws:s3:::b"}})").body,
        HasSubstr("Unsupported DestinationConfig parameter for given event source mapping type."));
    EXPECT_THAT(create(R"(,"FilterCriteria":{"Filters":[{"Pattern":"[]"}]})").body,
                HasSubstr("Invalid filter pattern definition."));
    EXPECT_THAT(create(R"(,"FilterCriteria":{"Filters":[{}]})").body,
                HasSubstr("Invalid filter pattern definition."));
    EXPECT_THAT(create(R"(,"ParallelizationFactor":11)").body,
                HasSubstr("Member must have value less than or equal to 10"));
}

TEST_F(MappingOperationsTest, TagsAreAddedListedAndRemoved) {
    create(R"(,"Tags":{"a":"1"})");
    world_.sim.run_for(std::chrono::seconds(1));
    const std::string path =
        "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3A"
        "event-source-mapping%3A" +
        uuid();
    EXPECT_EQ(world_.call("POST", path, R"({"Tags":{"b":"2"}})").status, 204);
    EXPECT_THAT(world_.call("GET", path).body, HasSubstr(R"({"a":"1","b":"2"})"));
    EXPECT_EQ(world_.call("DELETE", path + "?tagKeys=a").status, 204);
    EXPECT_THAT(world_.call("GET", path).body, HasSubstr(R"({"b":"2"})"));
    world_.restart();
    EXPECT_THAT(world_.call("GET", path).body, HasSubstr(R"({"b":"2"})"));
    EXPECT_EQ(world_.call("POST", path, R"({"Tags":{"aws:x":"2"}})").status, 400);
    const std::string nobody =
        "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Aevent-source-mapping%3A"
        "00000000-0000-0000-0000-000000000000";
    EXPECT_EQ(world_.call("GET", nobody).status, 404);
}

TEST_F(MappingOperationsTest, FunctionsHaveTagsToo) {
    const std::string path =
        "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af";
    EXPECT_EQ(world_.call("POST", path, R"({"Tags":{"b":"2"}})").status, 204);
    EXPECT_THAT(world_.call("GET", path).body, HasSubstr(R"({"b":"2"})"));
}

TEST_F(MappingOperationsTest, TagsHaveTheirRulesWhereverTheyComeFrom) {
    const std::string reserved = R"(,"Tags":{"aws:x":"2"})";
    EXPECT_EQ(create(reserved).status, 400);
    EXPECT_EQ(world_.create("g", echo, reserved).status, 400);
    const auto tagged = [](const std::string& tag) {
        return ports::ResourceRequest{
            .type = "AWS::Lambda::Function",
            .properties = *wire::parse_json(
                R"({"FunctionName":"h","Role":"arn:aws:iam::000000000000:role/r",)"
                R"("Runtime":"python3.13","Handler":"index.handler","Code":{"ZipFile":"pass"},)"
                R"("Tags":[{"Key":")" +
                tag + R"(","Value":"2"}]})")};
    };
    EXPECT_FALSE(world_.sim.await(world_.lambda->create(tagged("aws:x"))));
    ASSERT_TRUE(world_.sim.await(world_.lambda->create(tagged("a"))));
    EXPECT_FALSE(
        world_.sim.await(world_.lambda->update(tagged("aws:x"), "h", tagged("a").properties)));
}

TEST_F(MappingOperationsTest, LengthsOfTagsCountCharacters) {
    const std::string path =
        "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af";
    const auto with_key = [](std::size_t length) {
        std::string key;
        while (key.size() < 2 * length) key += "\u00fc";  // two bytes
        return R"({"Tags":{")" + key + R"(":""}})";
    };
    EXPECT_EQ(world_.call("POST", path, with_key(128)).status, 204);
    EXPECT_EQ(world_.call("POST", path, with_key(129)).status, 400);
}

}  // namespace
}  // namespace mill::lambda
