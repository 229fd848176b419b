// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/lambda/lambda_fixture.h"

namespace mill::lambda {
namespace {

using ::testing::HasSubstr;

ports::ResourceRequest request_of(const std::string& type, const std::string& json) {
    return {.type = type,
            .logical_id = "Producer",
            .stack_name = "stack",
            .generated_name = "stack-Producer-ABCDEFGHIJKL",
            .properties = *wire::parse_json(json)};
}

constexpr const char* function_type = "AWS::Lambda::Function";
const std::string inline_code =
    R"("Role":"arn:aws:iam::000000000000:role/r","Runtime":"python3.13","Handler":"index.handler","Code":{"ZipFile":"def handler(e, c): pass"})";

TEST(FunctionResource, IsMadeFromInlineCodeUnderAGeneratedName) {
    World world;
    const auto made = world.sim.await(world.lambda->create(request_of(
        function_type,
        "{" + inline_code +
            R"(,"Timeout":"30","Tags":[{"Key":"team","Value":"orders"}],"Environment":{"Variables":{"NUMBER":7}}})")));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "stack-Producer-ABCDEFGHIJKL");
    EXPECT_EQ(wire::text_of(made->attributes, "Arn"),
              "arn:aws:lambda:us-east-1:000000000000:function:stack-Producer-ABCDEFGHIJKL");
    const auto got = world.call("GET", "/2015-03-31/functions/stack-Producer-ABCDEFGHIJKL");
    EXPECT_THAT(got.body, HasSubstr(R"("Timeout":30)"));
    EXPECT_THAT(got.body, HasSubstr(R"("Tags":{"team":"orders"})"));
    EXPECT_THAT(got.body, HasSubstr(R"("NUMBER":"7")"));
}

TEST(FunctionResource, NamesAnUnknownProperty) {
    World world;
    const auto made = world.sim.await(
        world.lambda->create(request_of(function_type, "{" + inline_code + R"(,"Colour":"red"})")));
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("Colour"));
}

TEST(FunctionResource, RefusesWhatIsNotCarriedOutAlsoInAnUpdate) {
    World world;
    const std::string refused = R"(,"CodeSigningConfigArn":"arn:x"})";
    const auto plain = request_of(function_type, "{" + inline_code + R"(,"FunctionName":"f"})");
    const auto extended =
        request_of(function_type, "{" + inline_code + R"(,"FunctionName":"f")" + refused);
    EXPECT_THAT(world.sim.await(world.lambda->create(extended)).error().message,
                HasSubstr("Millrace does not support CodeSigningConfigArn yet."));
    ASSERT_TRUE(world.sim.await(world.lambda->create(plain)));
    const auto updated = world.sim.await(world.lambda->update(extended, "f", plain.properties));
    ASSERT_FALSE(updated);
    EXPECT_THAT(updated.error().message,
                HasSubstr("Millrace does not support CodeSigningConfigArn yet."));
}

TEST(FunctionResource, UpdateReturnsUnnamedPropertiesToTheirDefaults) {
    World world;
    const auto first = request_of(
        function_type, "{" + inline_code + R"(,"FunctionName":"f","Timeout":30,"MemorySize":512})");
    ASSERT_TRUE(world.sim.await(world.lambda->create(first)));
    const auto second =
        request_of(function_type, "{" + inline_code + R"(,"FunctionName":"f","MemorySize":256})");
    const auto updated = world.sim.await(world.lambda->update(second, "f", first.properties));
    ASSERT_TRUE(updated) << updated.error().message;
    const auto got = world.call("GET", "/2015-03-31/functions/f/configuration");
    EXPECT_THAT(got.body, HasSubstr(R"("Timeout":3,)"));
    EXPECT_THAT(got.body, HasSubstr(R"("MemorySize":256)"));
    const auto renamed = request_of(function_type, "{" + inline_code + R"(,"FunctionName":"g"})");
    EXPECT_EQ(world.sim.await(world.lambda->update(renamed, "f", second.properties)).error().code,
              "resource.replace");
}

TEST(FunctionResource, ReservesConcurrency) {
    World world;
    const auto named = [&](const std::string& more) {
        return request_of(function_type, "{" + inline_code + R"(,"FunctionName":"f")" + more + "}");
    };
    const auto get = [&] { return world.call("GET", "/2019-09-30/functions/f/concurrency").body; };
    const auto first = named(R"(,"ReservedConcurrentExecutions":"5")");
    ASSERT_TRUE(world.sim.await(world.lambda->create(first)));
    EXPECT_EQ(get(), R"({"ReservedConcurrentExecutions":5})");
    const auto second = named(R"(,"ReservedConcurrentExecutions":0)");
    ASSERT_TRUE(world.sim.await(world.lambda->update(second, "f", first.properties)));
    EXPECT_EQ(get(), R"({"ReservedConcurrentExecutions":0})");
    ASSERT_TRUE(world.sim.await(world.lambda->update(named(""), "f", second.properties)));
    EXPECT_EQ(get(), "{}");
    world.sim.await(world.lambda->remove(first, "f"));
    EXPECT_FALSE(
        world.sim.await(world.lambda->create(named(R"(,"ReservedConcurrentExecutions":950)"))));
    EXPECT_EQ(world.call("GET", "/2015-03-31/functions/f").status, 404) << "nothing is left";
}

TEST(FunctionResource, RemovalOfWhatIsGoneIsASuccess) {
    World world;
    const auto request = request_of(function_type, "{" + inline_code + R"(,"FunctionName":"f"})");
    ASSERT_TRUE(world.sim.await(world.lambda->create(request)));
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, "f")));
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, "f")));
    EXPECT_EQ(world.call("GET", "/2015-03-31/functions/f").status, 404);
}

TEST(MappingResource, IsMadeChangedAndRemoved) {
    World world;
    world.source.exists = true;
    world.create("f", echo);
    const std::string fixed =
        R"("EventSourceArn":"arn:aws:kinesis:us-east-1:000000000000:stream/orders","FunctionName":"f","StartingPosition":"LATEST")";
    const auto first =
        request_of("AWS::Lambda::EventSourceMapping", "{" + fixed + R"(,"BatchSize":"10"})");
    const auto made = world.sim.await(world.lambda->create(first));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(wire::text_of(made->attributes, "Id"), made->physical_id);
    const std::string path = "/2015-03-31/event-source-mappings/" + made->physical_id;
    EXPECT_THAT(world.call("GET", path).body, HasSubstr(R"("BatchSize":10)"));
    EXPECT_THAT(world.call("GET", path).body, HasSubstr(R"("State":"Enabled")"));
    const auto second = request_of("AWS::Lambda::EventSourceMapping", "{" + fixed + "}");
    ASSERT_TRUE(world.sim.await(world.lambda->update(second, made->physical_id, first.properties)));
    EXPECT_THAT(world.call("GET", path).body, HasSubstr(R"("BatchSize":100)"));
    auto moved = second;
    moved.properties["StartingPosition"] = "TRIM_HORIZON";
    EXPECT_EQ(world.sim.await(world.lambda->update(moved, made->physical_id, second.properties))
                  .error()
                  .code,
              "resource.replace");
    EXPECT_TRUE(world.sim.await(world.lambda->remove(second, made->physical_id)));
    EXPECT_EQ(world.call("GET", path).status, 404);
    EXPECT_TRUE(world.sim.await(world.lambda->remove(second, made->physical_id)));
}

TEST(MappingResource, HasEveryPropertyOfAMapping) {
    World world;
    world.source.exists = true;
    world.create("f", echo);
    const std::string fixed =
        R"("EventSourceArn":"arn:aws:kinesis:us-east-1:000000000000:stream/orders","FunctionName":"f","StartingPosition":"LATEST")";
    const auto first = request_of(
        "AWS::Lambda::EventSourceMapping",
        "{" + fixed +
            R"(,"ParallelizationFactor":"2","FilterCriteria":{"Filters":[{"Pattern":"{\"partitionKey\":[\"1\"]}"}]},)"
            R"("DestinationConfig":{"OnFailure":{"Destination":"arn:aws:s3:::b"}},"KmsKeyArn":"arn:aws:kms:x",)"
            R"("MetricsConfig":{"Metrics":["EventCount"]},"Tags":[{"Key":"team","Value":"orders"}]})");
    const auto made = world.sim.await(world.lambda->create(first));
    ASSERT_TRUE(made) << made.error().message;
    const std::string path = "/2015-03-31/event-source-mappings/" + made->physical_id;
    const std::string tags =
        "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Aevent-source-mapping%3A" +
        made->physical_id;
    std::string shown = world.call("GET", path).body;
    for (const char* part :
         {R"("ParallelizationFactor":2)", R"(\"partitionKey\")", "arn:aws:s3:::b",
          R"("KMSKeyArn":"arn:aws:kms:x")", R"("Metrics":["EventCount"])"})
        EXPECT_THAT(shown, HasSubstr(part));
    EXPECT_THAT(world.call("GET", tags).body, HasSubstr(R"({"team":"orders"})"));
    const auto second = request_of("AWS::Lambda::EventSourceMapping",
                                   "{" + fixed + R"(,"TumblingWindowInSeconds":30})");
    const auto updated =
        world.sim.await(world.lambda->update(second, made->physical_id, first.properties));
    ASSERT_TRUE(updated) << updated.error().message;
    shown = world.call("GET", path).body;
    for (const char* part : {"partitionKey", "arn:aws:s3:::b", "KMSKeyArn", "EventCount"})
        EXPECT_THAT(shown, ::testing::Not(HasSubstr(part)));
    EXPECT_THAT(shown, HasSubstr(R"("TumblingWindowInSeconds":30)"));
    EXPECT_THAT(world.call("GET", tags).body, HasSubstr(R"({"Tags":{}})"));
}

TEST(PermissionResource, NeedsItsFunction) {
    World world;
    const auto request = request_of(
        "AWS::Lambda::Permission",
        R"({"Action":"lambda:InvokeFunction","FunctionName":"f","Principal":"s3.amazonaws.com"})");
    EXPECT_EQ(world.sim.await(world.lambda->create(request)).error().code,
              "ResourceNotFoundException");
    world.create("f", echo);
    const auto made = world.sim.await(world.lambda->create(request));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "stack-Producer-ABCDEFGHIJKL");
    const auto policy = [&] { return world.call("GET", "/2015-03-31/functions/f/policy"); };
    EXPECT_THAT(policy().body, HasSubstr(R"(\"Sid\":\"stack-Producer-ABCDEFGHIJKL\")"));
    EXPECT_TRUE(world.sim.await(world.lambda->create(request))) << "as after a crash";
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, made->physical_id)));
    EXPECT_EQ(policy().status, 404);
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, made->physical_id)));
}

// As CloudFormation does it: what is there already is led to what the template says, under the
// generated name.
void expect_taken_up(World& world, const ports::ResourceRequest& request) {
    const auto made = world.sim.await(world.lambda->create(request));
    ASSERT_TRUE(made) << made.error().message;
    const auto again = world.sim.await(world.lambda->create(request));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "AlreadyExistsException");
    const auto resumed =
        world.sim.await(world.lambda->update(request, request.generated_name, request.properties));
    ASSERT_TRUE(resumed) << resumed.error().message;
    EXPECT_EQ(resumed->physical_id, made->physical_id);
    EXPECT_EQ(resumed->attributes, made->attributes);
}

TEST(UrlResource, IsTakenUpAfterACrash) {
    World world;
    world.create("f", echo);
    expect_taken_up(
        world, request_of("AWS::Lambda::Url", R"({"TargetFunctionArn":"f","AuthType":"NONE"})"));
}

TEST(EventInvokeConfigResource, IsTakenUpAfterACrash) {
    World world;
    world.create("f", echo);
    expect_taken_up(
        world,
        request_of("AWS::Lambda::EventInvokeConfig",
                   R"({"FunctionName":"f","Qualifier":"$LATEST","MaximumRetryAttempts":1})"));
}

TEST(LayerPermissionResource, IsTakenUpAfterACrash) {
    World world;
    const auto layer = world.sim.await(world.lambda->create(
        request_of("AWS::Lambda::LayerVersion",
                   R"({"Content":{"ZipFile":")" + base64_encode(*zip_of("a", "1")) + "\"}}")));
    ASSERT_TRUE(layer) << layer.error().message;
    const auto request =
        request_of("AWS::Lambda::LayerVersionPermission",
                   R"({"Action":"lambda:GetLayerVersion","Principal":"*","LayerVersionArn":")" +
                       layer->physical_id + "\"}");
    const auto made = world.sim.await(world.lambda->create(request));
    ASSERT_TRUE(made) << made.error().message;
    const auto again = world.sim.await(world.lambda->create(request));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->physical_id, made->physical_id);
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, made->physical_id)));
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, made->physical_id)));
}

TEST(VersionResource, IsPublishedOnceAndThenStays) {
    World world;
    world.create("f", echo);
    const auto request =
        request_of("AWS::Lambda::Version", R"({"FunctionName":"f","Description":"one"})");
    const auto made = world.sim.await(world.lambda->create(request));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "arn:aws:lambda:us-east-1:000000000000:function:f:1");
    EXPECT_EQ(wire::text_of(made->attributes, "Version"), "1");
    const auto again = world.sim.await(world.lambda->create(request));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "AlreadyExistsException");
    EXPECT_EQ(again.error().message,
              "A version for this Lambda function exists ( 1 ). Modify the function to create a "
              "new version.");
    const auto resumed =
        world.sim.await(world.lambda->update(request, request.generated_name, request.properties));
    ASSERT_TRUE(resumed) << resumed.error().message;
    EXPECT_EQ(resumed->physical_id, made->physical_id) << "it was published before a crash";
    auto changed = request;
    changed.properties["Description"] = "two";
    EXPECT_EQ(world.sim.await(world.lambda->update(changed, made->physical_id, request.properties))
                  .error()
                  .code,
              "resource.replace");
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, made->physical_id)));
    EXPECT_TRUE(world.sim.await(world.lambda->remove(request, made->physical_id)));
    EXPECT_EQ(world.call("GET", "/2015-03-31/functions/f:1").status, 404);
}

TEST(AliasResource, IsLedElsewhereInPlace) {
    World world;
    world.create("f", echo, R"(,"Publish":true)");
    world.call("PUT", "/2015-03-31/functions/f/configuration", R"({"Timeout":9})");
    world.call("POST", "/2015-03-31/functions/f/versions", "{}");
    const auto first = request_of(
        "AWS::Lambda::Alias",
        R"({"FunctionName":"f","Name":"live","FunctionVersion":"1","Description":"d","RoutingConfig":)"
        R"({"AdditionalVersionWeights":[{"FunctionVersion":"2","FunctionWeight":"0.5"}]}})");
    const auto made = world.sim.await(world.lambda->create(first));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "arn:aws:lambda:us-east-1:000000000000:function:f:live");
    EXPECT_EQ(wire::text_of(made->attributes, "AliasArn"), made->physical_id);
    const std::string path = "/2015-03-31/functions/f/aliases/live";
    EXPECT_THAT(world.call("GET", path).body,
                HasSubstr(R"({"AdditionalVersionWeights":{"2":0.5}})"));
    const auto second = request_of("AWS::Lambda::Alias",
                                   R"({"FunctionName":"f","Name":"live","FunctionVersion":"2"})");
    const auto updated =
        world.sim.await(world.lambda->update(second, made->physical_id, first.properties));
    ASSERT_TRUE(updated) << updated.error().message;
    const std::string shown = world.call("GET", path).body;
    EXPECT_THAT(shown, HasSubstr(R"("FunctionVersion":"2","Description":"")"));
    EXPECT_THAT(shown, ::testing::Not(HasSubstr("RoutingConfig")));
    auto renamed = second;
    renamed.properties["Name"] = "other";
    EXPECT_EQ(world.sim.await(world.lambda->update(renamed, made->physical_id, second.properties))
                  .error()
                  .code,
              "resource.replace");
    EXPECT_TRUE(world.sim.await(world.lambda->remove(second, made->physical_id)));
    EXPECT_EQ(world.call("GET", path).status, 404);
    EXPECT_TRUE(world.sim.await(world.lambda->remove(second, made->physical_id)));
}

}  // namespace
}  // namespace mill::lambda
