// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/lambda/functions/function_name.h"
#include "services/lambda/lambda_fixture.h"

namespace mill::lambda {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Caller caller;

wire::Value json(const wire::http::Response& response) {
    auto value = wire::parse_json(response.body);
    EXPECT_TRUE(value) << response.body;
    return value ? *value : wire::Value();
}

std::string text(const wire::http::Response& response, std::string_view name) {
    return wire::text_of(json(response), name);
}

TEST(FunctionName, TakesNamesAndArns) {
    for (const std::string name : {"f", "function:f", "000000000000:function:f",
                                   "arn:aws:lambda:us-east-1:000000000000:function:f"}) {
        const auto parsed = parse_function_name(caller, name, "");
        ASSERT_TRUE(parsed) << name;
        EXPECT_EQ(parsed->arn(), "arn:aws:lambda:us-east-1:000000000000:function:f");
        EXPECT_EQ(parse_function_name(caller, name + ":$LATEST", "")->qualifier, "$LATEST");
        EXPECT_EQ(parse_function_name(caller, name, "7")->arn(),
                  "arn:aws:lambda:us-east-1:000000000000:function:f:7");
    }
}

TEST(FunctionName, RefusesWhatIsNone) {
    for (const std::string name :
         {"", "a b", "f:", "a:b:c", "arn:aws:lambda:us-east-1:1:function:f", "arn:aws:s3:::b",
          "f/g"}) {
        const auto parsed = parse_function_name(caller, name, "");
        ASSERT_FALSE(parsed) << name;
        EXPECT_EQ(parsed.error().code, "ValidationException");
    }
    EXPECT_FALSE(parse_function_name(caller, std::string(65, 'a'), ""));
    EXPECT_EQ(
        parse_function_name(caller, "f:1", "2").error().message,
        "The derived qualifier from the function name does not match the specified qualifier.");
    EXPECT_EQ(parse_function_name(caller, "arn:aws:lambda:eu-west-1:000000000000:function:f", "")
                  .error()
                  .message,
              "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
}

TEST(CreateFunction, AnswersPendingAndIsActiveAfterwards) {
    World world;
    const auto created =
        world.create("f", echo, ",\"Environment\":{\"Variables\":{\"TABLE\":\"orders\"}}");
    EXPECT_EQ(created.status, 201) << created.body;
    EXPECT_EQ(text(created, "State"), "Pending");
    EXPECT_EQ(text(created, "StateReasonCode"), "Creating");
    const auto got = world.call("GET", "/2015-03-31/functions/f/configuration");
    EXPECT_EQ(got.status, 200);
    const wire::Value configuration = json(got);
    EXPECT_EQ(wire::text_of(configuration, "State"), "Active");
    EXPECT_EQ(wire::text_of(configuration, "LastUpdateStatus"), "Successful");
    EXPECT_EQ(wire::text_of(configuration, "FunctionArn"),
              "arn:aws:lambda:us-east-1:000000000000:function:f");
    EXPECT_EQ(wire::text_of(configuration, "Version"), "$LATEST");
    EXPECT_EQ(wire::text_of(*configuration.find("LoggingConfig"), "LogGroup"), "/aws/lambda/f");
    EXPECT_EQ(*configuration.find("Timeout")->integer(), 3);
    EXPECT_EQ(*configuration.find("MemorySize")->integer(), 128);
    EXPECT_EQ(wire::text_of(configuration, "CodeSha256"),
              base64_encode(sha256(*zip_of("bootstrap", "#!"))));
    EXPECT_EQ(wire::write_json(*configuration.find("Environment")),
              R"({"Variables":{"TABLE":"orders"}})");
    EXPECT_EQ(wire::text_of(configuration, "LastModified").substr(19), ".000+0000");
}

TEST(CreateFunction, RefusesASecondOfTheName) {
    World world;
    world.create("f", echo);
    const auto again = world.create("f", echo);
    EXPECT_EQ(again.status, 409);
    EXPECT_THAT(again.body, HasSubstr("Function already exist: f"));
}

TEST(CreateFunction, SaysWhatIsWrong) {
    const auto with = [](const std::string& members,
                         const std::string& role = "arn:aws:iam::000000000000:role/r") {
        World world;
        const auto response = world.call(
            "POST", "/2015-03-31/functions",
            "{\"FunctionName\":\"f\",\"Handler\":\"h\",\"Role\":\"" + role + "\"," + members + "}");
        return text(response, "message") + text(response, "Message");
    };
    const std::string code =
        "\"Code\":{\"ZipFile\":\"" + base64_encode(*zip_of("bootstrap", "#!")) + "\"}";
    const std::string runtime = ",\"Runtime\":\"provided.al2023\"";
    EXPECT_THAT(with(code + runtime, "r1"),
                HasSubstr("Value 'r1' at 'role' failed to satisfy constraint"));
    EXPECT_THAT(with(code + ",\"Runtime\":\"cobol\""),
                HasSubstr("Value cobol at 'runtime' failed to satisfy constraint"));
    EXPECT_THAT(with(code + ",\"Runtime\":\"python3.7\""),
                HasSubstr("The runtime parameter of python3.7 is no longer supported"));
    EXPECT_THAT(with(code + ",\"Runtime\":\"nodejs22.x\""),
                HasSubstr("Millrace has no runtime nodejs22.x yet"));
    EXPECT_THAT(with(code + runtime + ",\"Timeout\":901"),
                HasSubstr("at 'timeout' failed to satisfy constraint"));
    EXPECT_THAT(with(code + runtime + ",\"Environment\":{\"Variables\":{\"AWS_REGION\":\"x\"}}"),
                HasSubstr("Reserved keys used in this request: AWS_REGION"));
    EXPECT_THAT(with(code + runtime + ",\"Environment\":{\"Variables\":{\"BIG\":\"" +
                     std::string(4096, 'x') + "\"}}"),
                HasSubstr("exceeded the 4KB limit"));
    EXPECT_THAT(
        with(code + runtime + ",\"Layers\":[\"arn:aws:lambda:us-east-1:000000000000:layer:l:1\"]"),
        HasSubstr("Layer version arn:aws:lambda:us-east-1:000000000000:layer:l:1 does not exist."));
    EXPECT_THAT(with(code + runtime + ",\"VpcConfig\":{\"SubnetIds\":[\"s\"]}"),
                HasSubstr("Millrace does not support VpcConfig"));
    EXPECT_THAT(with(code + runtime + ",\"KMSKeyArn\":\"arn:aws:kms:us-east-1:0:key/1\""),
                HasSubstr("Millrace does not support KMSKeyArn"));
    EXPECT_THAT(with(code + runtime + ",\"DeadLetterConfig\":{\"TargetArn\":\"arn:aws:s3:::q\"}"),
                HasSubstr("must be a standard SQS queue"));
    EXPECT_THAT(with("\"Code\":{\"ZipFile\":\"bm8gemlw\"}" + runtime),
                HasSubstr("Could not unzip uploaded file."));
    EXPECT_THAT(with("\"Code\":{\"S3Bucket\":\"code\",\"S3Key\":\"none.zip\"}" + runtime),
                HasSubstr("Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error "
                          "Message: The specified key does not exist."));
}

TEST(CreateFunction, TakesCodeFromS3) {
    World world;
    world.objects.objects["code/f.zip"] = *zip_of("bootstrap", "#!");
    world.sim.register_script("f.handler", echo);
    const auto created = world.call(
        "POST", "/2015-03-31/functions",
        R"({"FunctionName":"f","Runtime":"provided.al2023","Handler":"f.handler","Role":"arn:aws:iam::000000000000:role/r","Code":{"S3Bucket":"code","S3Key":"f.zip"}})");
    EXPECT_EQ(created.status, 201) << created.body;
    EXPECT_EQ(world.invoke("f", "3").body, "3");
}

TEST(CreateFunction, TakesACodeFolderAsItLies) {
    World world(1, {.code_folders = {{"f", "/project/f"}}});
    machine::Files& files = world.sim.machine().files;
    ASSERT_TRUE(files.make_directories("/project/f"));
    ASSERT_TRUE(machine::write_file_durably(files, "/project/f/bootstrap", "#!"));
    world.sim.register_script("f.handler", echo);
    const auto create = [&](const std::string& name, const std::string& key) {
        return world.call("POST", "/2015-03-31/functions",
                          "{\"FunctionName\":\"" + name +
                              "\",\"Runtime\":\"provided.al2023\",\"Handler\":\"f.handler\","
                              "\"Role\":\"arn:aws:iam::000000000000:role/r\",\"Code\":{"
                              "\"S3Bucket\":\"code-folders\",\"S3Key\":\"" +
                              key + "\"}}");
    };
    const auto created = create("f", "f");
    EXPECT_EQ(created.status, 201) << created.body;
    EXPECT_EQ(world.invoke("f", "3").body, "3");
    EXPECT_TRUE(files.list("/data/lambda/code")->empty()) << "nothing is copied";
    // No path but the one that was given by this name.
    for (const char* other : {"g", "/project/f", "f/../f", "../f"})
        EXPECT_THAT(create("g", other).body, HasSubstr("There is no code folder of that name."));
}

TEST(CreateFunction, KnowsNoCodeFoldersUnlessTheServerIsTold) {
    World world;
    world.sim.register_script("f.handler", echo);
    const auto refused = world.call(
        "POST", "/2015-03-31/functions",
        R"({"FunctionName":"f","Runtime":"provided.al2023","Handler":"f.handler","Role":"arn:aws:iam::000000000000:role/r","Code":{"S3Bucket":"code-folders","S3Key":"/"}})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("S3 Error Code: NoSuchKey"));
}

TEST(Functions, SurviveARestart) {
    World world;
    world.create("f", echo);
    world.restart();
    EXPECT_EQ(world.call("GET", "/2015-03-31/functions/f").status, 200);
    EXPECT_EQ(world.invoke("f", "4").body, "4") << "its code is extracted anew";
}

TEST(Functions, CodeThatNobodyUsesIsForgottenAtTheNextStart) {
    World world;
    world.create("f", echo);
    const auto blobs = [&] { return world.sim.machine().files.list("/data/lambda/blobs")->size(); };
    EXPECT_EQ(blobs(), 1U);
    EXPECT_EQ(world.call("DELETE", "/2015-03-31/functions/f").status, 204);
    world.restart();
    EXPECT_EQ(blobs(), 0U);
}

TEST(DeleteFunction, ForgetsIt) {
    World world;
    world.create("f", echo);
    world.invoke("f", "1");
    EXPECT_EQ(world.call("DELETE", "/2015-03-31/functions/f?Qualifier=%24LATEST").status, 400);
    EXPECT_EQ(world.call("DELETE", "/2015-03-31/functions/f").status, 204);
    EXPECT_EQ(world.call("GET", "/2015-03-31/functions/f").status, 404);
    EXPECT_EQ(world.call("DELETE", "/2015-03-31/functions/f").status, 404);
    world.restart();
    EXPECT_EQ(world.invoke("f", "1").status, 404);
}

TEST(UpdateFunctionCode, ChangesHashAndRevision) {
    World world;
    const auto created = world.create("f", echo);
    const std::string zip = base64_encode(*zip_of("bootstrap", "#!new"));
    const auto updated =
        world.call("PUT", "/2015-03-31/functions/f/code", "{\"ZipFile\":\"" + zip + "\"}");
    EXPECT_EQ(updated.status, 200) << updated.body;
    EXPECT_EQ(text(updated, "LastUpdateStatus"), "InProgress");
    EXPECT_NE(text(updated, "CodeSha256"), text(created, "CodeSha256"));
    EXPECT_NE(text(updated, "RevisionId"), text(created, "RevisionId"));
    const auto stale = world.call(
        "PUT", "/2015-03-31/functions/f/code",
        "{\"ZipFile\":\"" + zip + "\",\"RevisionId\":\"" + text(created, "RevisionId") + "\"}");
    EXPECT_EQ(stale.status, 412);
    EXPECT_EQ(world.invoke("f", "5").body, "5");
}

TEST(UpdateFunctionConfiguration, ChangesOnlyWhatIsNamed) {
    World world;
    world.create("f", echo, ",\"Description\":\"first\",\"Timeout\":9");
    const auto updated =
        world.call("PUT", "/2015-03-31/functions/f/configuration", R"({"Timeout":20})");
    EXPECT_EQ(*json(updated).find("Timeout")->integer(), 20);
    EXPECT_EQ(text(updated, "Description"), "first");
}

TEST(ListFunctions, GivesPagesByName) {
    World world;
    for (const std::string name : {"c", "a", "b"}) world.create(name, echo);
    const auto first = json(world.call("GET", "/2015-03-31/functions?MaxItems=2"));
    ASSERT_EQ(first.find("Functions")->items()->size(), 2U);
    EXPECT_EQ(wire::text_of(first.find("Functions")->items()->front(), "FunctionName"), "a");
    const auto second =
        json(world.call("GET", "/2015-03-31/functions?Marker=" +
                                   wire::http::percent_encode(wire::text_of(first, "NextMarker"))));
    ASSERT_EQ(second.find("Functions")->items()->size(), 1U);
    EXPECT_EQ(wire::text_of(second.find("Functions")->items()->front(), "FunctionName"), "c");
    EXPECT_EQ(second.find("NextMarker"), nullptr);
}

TEST(PythonFunction, RunsTheInterpreterOnTheBootstrap) {
    World world;
    world.sim.register_script("/var/runtime/bootstrap.py", echo);
    const auto created = world.call(
        "POST", "/2015-03-31/functions",
        R"({"FunctionName":"p","Runtime":"python3.13","Handler":"index.handler","Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":")" +
            base64_encode(*zip_of("index.py", "pass")) + "\"}}");
    ASSERT_EQ(created.status, 201) << created.body;
    EXPECT_EQ(world.invoke("p", "6").body, "6");
    EXPECT_THAT(world.logs.all.front(),
                HasSubstr("INIT_START Runtime Version: python:3.13\tRuntime Version ARN: "
                          "arn:aws:lambda:us-east-1::runtime:"));
}

Task<machine::ExitStatus> show_environment(sim::ScriptContext context) {
    Runtime runtime(context);
    wire::Value seen = wire::Value::map();
    for (const auto& [name, value] : context.environment) seen[name] = value;
    co_await runtime.next();
    co_await runtime.respond(wire::write_json(seen));
    co_await runtime.next();
    co_return machine::ExitStatus{};
}

TEST(Environment, HasLambdasVariablesAndTheUsers) {
    World world;
    world.create("f", show_environment,
                 ",\"Environment\":{\"Variables\":{\"TABLE\":\"orders\",\"PATH\":\"/mine\"}}");
    const wire::Value seen = json(world.invoke("f", "{}"));
    EXPECT_EQ(wire::text_of(seen, "AWS_ENDPOINT_URL"), "http://127.0.0.1:4566");
    EXPECT_EQ(wire::text_of(seen, "AWS_ACCESS_KEY_ID"), "000000000000");
    EXPECT_EQ(wire::text_of(seen, "AWS_LAMBDA_FUNCTION_NAME"), "f");
    EXPECT_EQ(wire::text_of(seen, "_HANDLER"), "f.handler");
    EXPECT_EQ(wire::text_of(seen, "TABLE"), "orders");
    EXPECT_EQ(wire::text_of(seen, "PATH"), "/mine");
    EXPECT_EQ(seen.find("AWS_EXECUTION_ENV"), nullptr) << "absent for provided runtimes";
}

}  // namespace
}  // namespace mill::lambda
