// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/lambda/functions/alias.h"
#include "services/lambda/lambda_fixture.h"

namespace mill::lambda {
namespace {

using machine::ExitStatus;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string functions_path = "/2015-03-31/functions/";
const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

// Answers with the version that its environment names, and which event of the process it was.
Task<ExitStatus> name_version(sim::ScriptContext context) {
    Runtime runtime(context);
    std::string version;
    for (const auto& [name, value] : context.environment) {
        if (name == "AWS_LAMBDA_FUNCTION_VERSION") version = value;
    }
    for (int count = 1;; ++count) {
        const wire::http::Response event = co_await runtime.next();
        if (event.status != 200) co_return ExitStatus{};
        co_await runtime.respond("\"" + version + " " + std::to_string(count) + " " +
                                 event.headers.get("lambda-runtime-invoked-function-arn") + "\"");
    }
}

wire::http::Response publish(World& world, const std::string& body = "{}") {
    return world.call("POST", functions_path + "f/versions", body);
}
wire::http::Response configure(World& world, const std::string& body) {
    return world.call("PUT", functions_path + "f/configuration", body);
}
std::string field(const wire::http::Response& response, std::string_view name) {
    const auto body = wire::parse_json(response.body);
    return body ? wire::text_of(*body, name) : response.body;
}
// The fields of the list's elements.
std::vector<std::string> each(const wire::http::Response& response, std::string_view list,
                              std::string_view name) {
    std::vector<std::string> found;
    const auto body = wire::parse_json(response.body);
    for (const wire::Value& one : *body->find(list)->items())
        found.push_back(wire::text_of(one, name));
    return found;
}
std::vector<std::string> versions(World& world, const std::string& query = "") {
    return each(world.call("GET", functions_path + "f/versions" + query), "Versions", "Version");
}

TEST(PublishVersion, KeepsWhatLatestWas) {
    World world;
    world.create("f", name_version, R"(,"Description":"first")");
    const auto published = publish(world);
    EXPECT_EQ(published.status, 201);
    EXPECT_EQ(field(published, "Version"), "1");
    EXPECT_EQ(field(published, "FunctionArn"), arn + ":1");
    EXPECT_EQ(field(published, "State"), "Active");
    configure(world, R"({"Description":"second"})");
    EXPECT_EQ(field(publish(world, R"({"Description":"of the version"})"), "Version"), "2");
    const auto one = world.call("GET", functions_path + "f/configuration?Qualifier=1");
    EXPECT_EQ(one.body, published.body);
    EXPECT_THAT(world.call("GET", functions_path + "f:2").body, HasSubstr("of the version"));
    EXPECT_THAT(world.call("GET", functions_path + "f").body,
                HasSubstr(R"("Description":"second")"));
    world.restart();
    EXPECT_EQ(world.call("GET", functions_path + "f/configuration?Qualifier=1").body,
              published.body);
    EXPECT_THAT(versions(world), ElementsAre("$LATEST", "1", "2"));
}

TEST(PublishVersion, AnswersTheLastVersionIfNothingHasChanged) {
    World world;
    world.create("f", echo);
    const auto first = publish(world, R"({"Description":"of the version"})");
    EXPECT_EQ(publish(world, R"({"Description":"another"})").body, first.body);
    configure(world, R"({"Timeout":3})");  // as it was
    world.restart();
    EXPECT_EQ(publish(world).body, first.body);
    configure(world, R"({"Timeout":4})");
    EXPECT_EQ(field(publish(world), "Version"), "2");
    EXPECT_EQ(world.call("DELETE", functions_path + "f?Qualifier=2").status, 204);
    EXPECT_EQ(field(publish(world), "Version"), "3") << "a number is never given twice";
}

TEST(PublishVersion, ChecksWhatTheCallerHasSeen) {
    World world;
    const auto created = world.create("f", echo);
    EXPECT_EQ(publish(world, R"({"RevisionId":"other"})").status, 412);
    const auto wrong = publish(world, R"({"CodeSha256":"abc"})");
    EXPECT_EQ(field(wrong, "message"),
              "CodeSHA256 (abc) is different from current CodeSHA256 in $LATEST (" +
                  field(created, "CodeSha256") +
                  "). Please try again with the CodeSHA256 in $LATEST.");
    EXPECT_EQ(publish(world, R"({"RevisionId":")" + field(created, "RevisionId") + R"("})").status,
              201);
    EXPECT_EQ(publish(world, R"({"RevisionId":")" + field(created, "RevisionId") + R"("})").status,
              412)
        << "publishing is a change";
    EXPECT_EQ(field(world.call("POST", functions_path + "none/versions", "{}"), "Message"),
              "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none");
}

TEST(Publish, ComesWithCreateAndUpdate) {
    World world;
    const auto created = world.create("f", echo, R"(,"Publish":true)");
    EXPECT_EQ(field(created, "Version"), "1");
    EXPECT_EQ(field(created, "FunctionArn"), arn);
    const std::string zip = base64_encode(*zip_of("bootstrap", "#!new"));
    const auto update = [&] {
        return world.call("PUT", functions_path + "f/code",
                          R"({"Publish":true,"ZipFile":")" + zip + R"("})");
    };
    const auto updated = update();
    EXPECT_EQ(field(updated, "FunctionArn"), arn + ":2");
    EXPECT_EQ(field(updated, "State"), "Pending");
    EXPECT_EQ(field(update(), "Version"), "2") << "the same code";
    EXPECT_THAT(versions(world), ElementsAre("$LATEST", "1", "2"));
}

TEST(Versions, AreListedByPagesWithLatestFirst) {
    World world;
    world.create("f", echo);
    world.create("g", echo, R"(,"Publish":true)");
    for (int timeout = 10; timeout < 21; ++timeout) {
        configure(world, R"({"Timeout":)" + std::to_string(timeout) + "}");
        publish(world);
    }
    EXPECT_THAT(versions(world, "?MaxItems=1"), ElementsAre("$LATEST"));
    const auto page = world.call("GET", functions_path + "f/versions?MaxItems=9&Marker=%24LATEST");
    EXPECT_EQ(field(page, "NextMarker"), "9");
    EXPECT_THAT(versions(world, "?Marker=9"), ElementsAre("10", "11"));
    std::vector<std::string> all;
    std::string marker;
    do {
        const auto some = world.call(
            "GET", "/2015-03-31/functions?FunctionVersion=ALL&MaxItems=5&Marker=" + marker);
        for (const std::string& one : each(some, "Functions", "FunctionArn")) all.push_back(one);
        marker = field(some, "NextMarker");
    } while (!marker.empty());
    ASSERT_EQ(all.size(), 14U);
    EXPECT_EQ(all[0], arn + ":$LATEST");
    EXPECT_EQ(all[11], arn + ":11");
    EXPECT_THAT(all[13], HasSubstr(":function:g:1"));
}

TEST(Versions, GoOneByOneOrWithTheirFunction) {
    World world;
    world.create("f", echo, R"(,"Publish":true)");
    EXPECT_EQ(world.call("DELETE", functions_path + "f?Qualifier=99").status, 204);
    world.call("POST", functions_path + "f/aliases", R"({"Name":"live","FunctionVersion":"1"})");
    const auto refused = world.call("DELETE", functions_path + "f:1");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(field(refused, "message"),
              "Unable to delete version because the following aliases reference it: [live]");
    EXPECT_EQ(world.call("GET", functions_path + "f:01").status, 404) << "no number is written so";
    EXPECT_EQ(world.call("DELETE", functions_path + "f?Qualifier=01").status, 400);
    EXPECT_EQ(field(world.call("DELETE", functions_path + "f:live"), "message"),
              "Deletion of aliases is not currently supported.");
    world.call("DELETE", functions_path + "f/aliases/live");
    EXPECT_EQ(world.call("DELETE", functions_path + "f:1").status, 204);
    EXPECT_EQ(field(world.call("GET", functions_path + "f:1"), "Message"),
              "Function not found: " + arn + ":1");
    publish(world);
    world.call("POST", functions_path + "f/aliases", R"({"Name":"live","FunctionVersion":"2"})");
    EXPECT_EQ(world.call("DELETE", functions_path + "f").status, 204);
    world.create("f", echo, R"(,"Publish":true)");
    world.restart();
    EXPECT_THAT(versions(world), ElementsAre("$LATEST", "1")) << "it begins anew";
    EXPECT_EQ(world.call("GET", functions_path + "f/aliases/live").status, 404);
}

TEST(Versions, KeepTheirCodeOverRestarts) {
    World world;
    world.create("f", name_version, R"(,"Publish":true)");
    const auto blobs = [&] { return world.sim.machine().files.list("/data/lambda/blobs")->size(); };
    EXPECT_EQ(blobs(), 1U) << "shared with $LATEST";
    const std::string zip = base64_encode(*zip_of("bootstrap", "#!new"));
    world.call("PUT", functions_path + "f/code", R"({"ZipFile":")" + zip + R"("})");
    world.restart();
    EXPECT_EQ(blobs(), 2U);
    EXPECT_THAT(world.invoke("f:1", "{}").body, HasSubstr("1 1 " + arn + ":1"));
    world.call("DELETE", functions_path + "f?Qualifier=1");
    world.restart();
    EXPECT_EQ(blobs(), 1U);
}

TEST(Versions, AreMadeOfFunctionsInOlderStores) {
    World world;
    world.create("f", name_version);
    const std::string key = "lambda/function/000000000000/us-east-1/f";
    wire::Value row = *wire::parse_json(**world.engine().table->get(key));
    for (const char* newer : {"Version", "BuildId", "LastVersion", "PublishedContent"}) {
        ASSERT_NE(row.find(newer), nullptr);
        row.erase(newer);
    }
    storage::Table::Commit commit;
    commit.puts = {{key, wire::write_json(row)}};
    ASSERT_TRUE(world.sim.await(world.engine().table->commit(std::move(commit))));
    world.restart();
    EXPECT_EQ(world.invoke("f", "{}").body, "\"$LATEST 1 " + arn + "\"");
    EXPECT_EQ(world.invoke("f", "{}").body, "\"$LATEST 2 " + arn + "\"");
    EXPECT_EQ(field(publish(world), "Version"), "1");
    EXPECT_EQ(field(publish(world), "Version"), "1");
}

TEST(Invoke, RunsEachVersionInEnvironmentsOfItsOwn) {
    World world;
    world.create("f", name_version, R"(,"Publish":true)");
    EXPECT_EQ(world.invoke("f", "{}").body, "\"$LATEST 1 " + arn + "\"");
    const auto one = world.invoke("f", "{}", {});
    EXPECT_EQ(one.body, "\"$LATEST 2 " + arn + "\"");
    const auto published = world.call("POST", functions_path + "f/invocations?Qualifier=1", "{}");
    EXPECT_EQ(published.body, "\"1 1 " + arn + ":1\"");
    EXPECT_EQ(published.headers.get("x-amz-executed-version"), "1");
    EXPECT_THAT(world.logs.text(), HasSubstr(" Version: 1\n"));
    std::string streams;
    for (const auto& [name, lines] : world.logs.streams) streams += name + "\n";
    EXPECT_THAT(streams, AllOf(HasSubstr("/[1]"), HasSubstr("/[$LATEST]")));
    configure(world, R"({"Timeout":9})");
    EXPECT_EQ(world.invoke("f:1", "{}").body, "\"1 2 " + arn + ":1\"")
        << "a version stays warm when $LATEST changes";
    EXPECT_EQ(world.invoke("f", "{}").body, "\"$LATEST 1 " + arn + "\"");
    publish(world);
    EXPECT_EQ(world.invoke("f", "{}").body, "\"$LATEST 2 " + arn + "\"")
        << "$LATEST stays warm when it is published";
    EXPECT_EQ(field(world.invoke("f:7", "{}"), "Message"), "Function not found: " + arn + ":7");
}

TEST(Updates, AreOfFunctionsOnly) {
    World world;
    world.create("f", echo, R"(,"Publish":true)");
    for (const auto& answer :
         {world.call("PUT", functions_path + "f:1/configuration", R"({"Timeout":9})"),
          world.call("PUT", functions_path + "f:1/code", R"({"ZipFile":"UEsFBgAAAAA="})"),
          world.call("POST", functions_path + "f:1/versions", "{}"),
          world.call("PUT", "/2017-10-31/functions/f:1/concurrency",
                     R"({"ReservedConcurrentExecutions":1})")}) {
        EXPECT_EQ(answer.status, 400);
        EXPECT_THAT(field(answer, "message"),
                    HasSubstr("This operation is permitted on Lambda functions only."));
    }
}

class Aliases : public ::testing::Test {
  protected:
    Aliases() {
        world.create("f", name_version, R"(,"Publish":true)");
        configure(world, R"({"Timeout":9})");
        publish(world);
    }
    wire::http::Response make(const std::string& name, const std::string& version,
                              const std::string& extra = "") {
        return world.call(
            "POST", functions_path + "f/aliases",
            R"({"Name":")" + name + R"(","FunctionVersion":")" + version + "\"" + extra + "}");
    }
    wire::http::Response update(const std::string& body) {
        return world.call("PUT", functions_path + "f/aliases/live", body);
    }
    World world;
};

TEST_F(Aliases, LeadToAVersion) {
    const auto made = make("live", "1", R"(,"Description":"in use")");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(field(made, "AliasArn"), arn + ":live");
    EXPECT_THAT(made.body, Not(HasSubstr("RoutingConfig")));
    EXPECT_EQ(world.call("GET", functions_path + "f/aliases/live").body, made.body);
    EXPECT_EQ(world.invoke("f:live", "{}").body, "\"1 1 " + arn + ":live\"");
    const auto got = world.call("GET", functions_path + "f/configuration?Qualifier=live");
    EXPECT_EQ(field(got, "FunctionArn"), arn + ":live");
    EXPECT_EQ(field(got, "Version"), "1");
    const auto moved = update(R"({"FunctionVersion":"2"})");
    EXPECT_NE(field(moved, "RevisionId"), field(made, "RevisionId"));
    EXPECT_EQ(field(moved, "Description"), "in use");
    EXPECT_EQ(world.invoke("f:live", "{}").body, "\"2 1 " + arn + ":live\"");
    world.restart();
    EXPECT_EQ(world.call("GET", functions_path + "f/aliases/live").body, moved.body);
    EXPECT_EQ(world.call("DELETE", functions_path + "f/aliases/live").status, 204);
    EXPECT_EQ(world.call("DELETE", functions_path + "f/aliases/live").status, 204);
    EXPECT_EQ(field(world.call("GET", functions_path + "f/aliases/live"), "Message"),
              "Cannot find alias arn: " + arn + ":live");
    EXPECT_EQ(field(world.invoke("f:live", "{}"), "Message"),
              "Function not found: " + arn + ":live");
}

TEST_F(Aliases, AreListedByNameAndVersion) {
    make("b", "1");
    make("a", "2");
    make("c", "1");
    const auto list = [&](const std::string& query) {
        return world.call("GET", functions_path + "f/aliases" + query);
    };
    EXPECT_THAT(each(list(""), "Aliases", "Name"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(each(list("?FunctionVersion=1"), "Aliases", "Name"), ElementsAre("b", "c"));
    EXPECT_THAT(each(list("?MaxItems=2"), "Aliases", "Name"), ElementsAre("a", "b"));
    EXPECT_EQ(field(list("?MaxItems=2"), "NextMarker"), "b");
    EXPECT_THAT(each(list("?MaxItems=2&Marker=b"), "Aliases", "Name"), ElementsAre("c"));
    EXPECT_THAT(list("?MaxItems=2&Marker=b").body, Not(HasSubstr("NextMarker")));
}

TEST_F(Aliases, AreRefusedInTheWordsOfAws) {
    EXPECT_EQ(field(make("live", "9"), "Message"), "Function not found: " + arn + ":9");
    make("live", "1");
    EXPECT_EQ(field(make("live", "1"), "message"), "Alias already exists: " + arn + ":live");
    EXPECT_EQ(field(make("2024", "1"), "message"),
              "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: "
              "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)");
    const auto routed = [&](const std::string& version, const std::string& weights) {
        return field(
            make("x", version, R"(,"RoutingConfig":{"AdditionalVersionWeights":)" + weights + "}"),
            "message");
    };
    EXPECT_EQ(routed("1", R"({"1":0.1,"2":0.5})"),
              "Number of items in AdditionalVersionWeights cannot be greater than 1");
    EXPECT_EQ(routed("1", R"({"2":2})"),
              "1 validation error detected: Value '{2=2.0}' at "
              "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value "
              "must satisfy constraint: [Member must have value less than or equal to 1.0, Member "
              "must have value greater than or equal to 0.0, Member must not be null]");
    EXPECT_EQ(routed("1", R"({"1":0.5})"),
              "Invalid function version 1. Function version 1 is already included in routing "
              "configuration.");
    EXPECT_EQ(routed("$LATEST", R"({"1":0.5})"),
              "$LATEST is not supported for an alias pointing to more than 1 version");
    EXPECT_THAT(routed("1", R"({"$LATEST":0.5})"), HasSubstr("pattern: [0-9]+]"));
    EXPECT_EQ(make("x", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"9":0.5}})").status,
              404);
    EXPECT_EQ(make("x", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{}})").status, 201);
    EXPECT_EQ(update(R"({"RevisionId":"other"})").status, 412);
    EXPECT_EQ(field(world.call("PUT", functions_path + "f/aliases/none", "{}"), "Message"),
              "Alias not found: " + arn + ":none");
}

TEST_F(Aliases, ShareInvocationsByWeight) {
    make("live", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"2":0.25}})");
    int of_two = 0;
    for (int i = 0; i < 400; ++i) {
        const auto answer = world.invoke("f:live", "{}");
        of_two += answer.headers.get("x-amz-executed-version") == "2" ? 1 : 0;
    }
    EXPECT_GT(of_two, 70);
    EXPECT_LT(of_two, 130);
    EXPECT_EQ(world.call("DELETE", functions_path + "f:2").status, 409);
    update(R"({"RoutingConfig":{"AdditionalVersionWeights":{"2":1}}})");
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(world.invoke("f:live", "{}").headers.get("x-amz-executed-version"), "2");
    update(R"({"RoutingConfig":{}})");
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(world.invoke("f:live", "{}").headers.get("x-amz-executed-version"), "1");
}

TEST(VersionFor, TakesTheShareOfTheWeight) {
    const Alias alias{.version = "1", .weights = {{"2", 0.25}}};
    EXPECT_EQ(version_for(alias, 0.0), "2");
    EXPECT_EQ(version_for(alias, 0.2499), "2");
    EXPECT_EQ(version_for(alias, 0.25), "1");
    EXPECT_EQ(version_for(Alias{.version = "1"}, 0.0), "1");
}

TEST_F(Aliases, HaveTheirOwnEventSettings) {
    make("live", "1");
    const auto settings = [&](const std::string& method, const std::string& qualifier,
                              const std::string& body = {}) {
        return world.call(
            method, "/2019-09-25/functions/f/event-invoke-config?Qualifier=" + qualifier, body);
    };
    EXPECT_EQ(field(settings("PUT", "live", R"({"MaximumRetryAttempts":1})"), "FunctionArn"),
              arn + ":live");
    settings("PUT", "1", R"({"MaximumRetryAttempts":0})");
    settings("PUT", "%24LATEST", R"({"MaximumRetryAttempts":2})");
    EXPECT_EQ(field(settings("PUT", "none", R"({"MaximumRetryAttempts":0})"), "Message"),
              "The function doesn't exist.");
    const std::string list = "/2019-09-25/functions/f/event-invoke-config/list";
    EXPECT_THAT(each(world.call("GET", list), "FunctionEventInvokeConfigs", "FunctionArn"),
                ElementsAre(arn + ":$LATEST", arn + ":1", arn + ":live"));
    const auto page = world.call("GET", list + "?MaxItems=2");
    EXPECT_EQ(field(page, "NextMarker"), "1");
    EXPECT_THAT(
        each(world.call("GET", list + "?Marker=1"), "FunctionEventInvokeConfigs", "FunctionArn"),
        ElementsAre(arn + ":live"));
    settings("DELETE", "1");
    EXPECT_THAT(
        each(world.call("GET", list + "?Marker=1"), "FunctionEventInvokeConfigs", "FunctionArn"),
        ElementsAre(arn + ":live"))
        << "also if what the marker names is gone";
    settings("PUT", "1", R"({"MaximumRetryAttempts":0})");
    world.call("DELETE", functions_path + "f/aliases/live");
    EXPECT_EQ(field(settings("GET", "live"), "Message"),
              "The function " + arn + ":live doesn't have an EventInvokeConfig");
    EXPECT_EQ(settings("GET", "1").status, 200);
}

TEST_F(Aliases, HavePoliciesOfTheirOwn) {
    make("live", "1");
    const std::string path = functions_path + "f/policy";
    const auto add = [&](const std::string& sid, const std::string& query,
                         const std::string& extra = "") {
        return world.call(
            "POST", path + query,
            R"({"StatementId":")" + sid +
                R"(","Action":"lambda:InvokeFunction","Principal":"s3.amazonaws.com")" + extra +
                "}");
    };
    const auto added = add("s3", "?Qualifier=live", R"(,"SourceArn":"arn:aws:s3:::b")");
    EXPECT_EQ(added.status, 201);
    const std::string statement =
        R"({"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":")" +
        arn + R"(:live","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}})";
    EXPECT_EQ(field(added, "Statement"), statement);
    EXPECT_EQ(field(world.call("GET", path + "?Qualifier=live"), "Policy"),
              R"({"Version":"2012-10-17","Id":"default","Statement":[)" + statement + "]}");
    EXPECT_EQ(field(world.call("GET", path), "Message"),
              "The resource you requested does not exist.");
    EXPECT_EQ(field(add("s3", "?Qualifier=live"), "message"),
              "The statement id (s3) provided already exists. Please provide a new statement id, "
              "or remove the existing statement.");
    EXPECT_EQ(field(add("x", "?Qualifier=%24LATEST"), "message"),
              "We currently do not support adding policies for $LATEST.");
    EXPECT_EQ(field(add("x", "?Qualifier=none"), "Message"),
              "Cannot find alias arn: " + arn + ":none");
    EXPECT_EQ(field(add("x", "?Qualifier=42"), "Message"), "Function not found: " + arn + ":42");
    EXPECT_EQ(add("x", "", R"(,"RevisionId":"other")").status, 412);
    world.restart();
    EXPECT_EQ(world.call("GET", path + "?Qualifier=live").status, 200);
    EXPECT_EQ(field(world.call("DELETE", path + "/none?Qualifier=live"), "Message"),
              "Statement none is not found in resource policy.");
    EXPECT_EQ(world.call("DELETE", path + "/s3?Qualifier=live").status, 204);
    EXPECT_EQ(world.call("GET", path + "?Qualifier=live").status, 404);
    EXPECT_EQ(field(world.call("DELETE", path + "/s3"), "Message"),
              "No policy is associated with the given resource.");
}

Task<ExitStatus> slow(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        co_await machine::sleep_until(context.machine.timers,
                                      context.machine.clock.now() + std::chrono::seconds(1));
        co_await runtime.respond("1");
    }
}

Task<void> call_into(World* world, std::string method, std::string path, std::string body,
                     std::vector<wire::http::Response>* answers) {
    answers->push_back(
        co_await World::ask(world, std::move(method), std::move(path), std::move(body), {}));
}
Task<void> invoke_into(World* world, std::string name, std::vector<wire::http::Response>* answers) {
    return call_into(world, "POST", functions_path + name + "/invocations", "{}", answers);
}

TEST(ReservedConcurrency, IsTheBoundOfAllVersionsTogether) {
    World world;
    world.create("f", slow, R"(,"Publish":true)");
    const std::string put = "/2017-10-31/functions/f/concurrency";
    const std::string get = "/2019-09-30/functions/f/concurrency";
    EXPECT_EQ(world.call("GET", get).body, "{}");
    EXPECT_EQ(world.call("PUT", put, R"({"ReservedConcurrentExecutions":1})").body,
              R"({"ReservedConcurrentExecutions":1})");
    world.restart();
    EXPECT_EQ(world.call("GET", get).body, R"({"ReservedConcurrentExecutions":1})");
    EXPECT_THAT(world.call("GET", functions_path + "f").body,
                HasSubstr(R"("Concurrency":{"ReservedConcurrentExecutions":1})"));
    std::vector<wire::http::Response> answers;
    Scope scope;
    scope.spawn(invoke_into(&world, "f", &answers));
    scope.spawn(invoke_into(&world, "f:1", &answers));
    world.sim.run_for(std::chrono::seconds(5));
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].status, 429);
    EXPECT_EQ(
        answers[0].body,
        R"({"Type":"User","message":"Rate Exceeded.","Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"})");
    EXPECT_EQ(answers[0].headers.get("x-amzn-errortype"), "TooManyRequestsException");
    EXPECT_EQ(answers[1].status, 200);
    EXPECT_EQ(world.invoke("f:1", "{}").status, 200) << "its turn has come";
    EXPECT_EQ(world.call("DELETE", put).status, 204);
    EXPECT_EQ(world.call("GET", get).body, "{}");
    EXPECT_THAT(versions(world), ElementsAre("$LATEST", "1"));
    EXPECT_EQ(field(publish(world), "Version"), "1") << "it is no part of what is published";
}

TEST(ReservedConcurrency, LeavesTheRestToTheOthers) {
    World world(1, {.environments_max = 102});
    world.create("f", slow);
    world.create("g", slow);
    const auto reserve = [&](const std::string& name, int count) {
        return world.call("PUT", "/2017-10-31/functions/" + name + "/concurrency",
                          R"({"ReservedConcurrentExecutions":)" + std::to_string(count) + "}");
    };
    EXPECT_EQ(field(reserve("f", 3), "message"),
              "Specified ReservedConcurrentExecutions for function decreases account's "
              "UnreservedConcurrentExecution below its minimum value of [100].");
    EXPECT_EQ(reserve("f", 2).status, 200);
    EXPECT_EQ(reserve("f", 2).status, 200);
    EXPECT_EQ(field(reserve("none", 1), "Message"),
              "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST");
    const auto account = world.call("GET", "/2016-08-19/account-settings");
    EXPECT_THAT(account.body, AllOf(HasSubstr(R"("ConcurrentExecutions":102)"),
                                    HasSubstr(R"("UnreservedConcurrentExecutions":100)"),
                                    HasSubstr(R"("FunctionCount":2)")));
    std::vector<wire::http::Response> answers;
    Scope scope;
    for (int i = 0; i < 101; ++i) scope.spawn(invoke_into(&world, "g", &answers));
    world.sim.run_for(std::chrono::milliseconds(100));
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_THAT(answers[0].body, HasSubstr(R"("Reason":"ConcurrentInvocationLimitExceeded")"));
    EXPECT_EQ(world.invoke("f", "{}").status, 200) << "what it has reserved is free";
}

TEST(ReservedConcurrency, IsNotGivenTwice) {
    World world;
    world.slow_commits_down();
    world.create("f", echo);
    world.create("g", echo);
    std::vector<wire::http::Response> answers;
    Scope scope;
    for (const std::string name : {"f", "g"})
        scope.spawn(call_into(&world, "PUT", "/2017-10-31/functions/" + name + "/concurrency",
                              R"({"ReservedConcurrentExecutions":600})", &answers));
    world.sim.run_for(std::chrono::seconds(1));
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].status + answers[1].status, 600) << "one of them is refused";
    EXPECT_THAT(world.call("GET", "/2016-08-19/account-settings").body,
                HasSubstr(R"("UnreservedConcurrentExecutions":400)"));
}

TEST(ReservedConcurrency, OfZeroEndsEventsAtOnce) {
    World world;
    world.create("f", echo);
    world.create("told", echo);
    world.call(
        "PUT", "/2019-09-25/functions/f/event-invoke-config",
        R"({"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:lambda:us-east-1:000000000000:function:told"}}})");
    world.call("PUT", "/2017-10-31/functions/f/concurrency",
               R"({"ReservedConcurrentExecutions":0})");
    EXPECT_EQ(world.invoke("f", "{}").status, 429);
    EXPECT_EQ(world.invoke("f", "{}", {{"x-amz-invocation-type", "Event"}}).status, 202);
    world.sim.run_for(std::chrono::seconds(1));
    EXPECT_EQ(world.log_words().size(), 4U) << "the destination ran, and nobody else";
}

}  // namespace
}  // namespace mill::lambda
