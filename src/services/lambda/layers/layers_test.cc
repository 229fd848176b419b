// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/lambda/functions/code_store.h"
#include "services/lambda/lambda_fixture.h"

namespace mill::lambda {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string layers = "/2018-10-31/layers";
const std::string arn = "arn:aws:lambda:us-east-1:000000000000:layer:";

wire::Value json(const wire::http::Response& response) {
    auto value = wire::parse_json(response.body);
    EXPECT_TRUE(value) << response.body;
    return value ? *value : wire::Value();
}

wire::http::Response publish(World& world, const std::string& name, const std::string& path,
                             const std::string& contents, const std::string& extra = "") {
    return world.call("POST", layers + "/" + name + "/versions",
                      R"({"Content":{"ZipFile":")" + base64_encode(*zip_of(path, contents)) +
                          "\"}" + extra + "}");
}

wire::http::Response attach(World& world, const std::string& function, const std::string& list) {
    return world.call("PUT", "/2015-03-31/functions/" + function + "/configuration",
                      R"({"Layers":[)" + list + "]}");
}

TEST(PublishLayerVersion, NumbersVersionsAndNeverGivesANumberTwice) {
    World world;
    const auto first = publish(world, "l", "python/a.py", "1",
                               R"(,"CompatibleRuntimes":["python3.13"],"LicenseInfo":"MIT")");
    EXPECT_EQ(first.status, 201) << first.body;
    const wire::Value told = json(first);
    EXPECT_EQ(wire::text_of(told, "LayerVersionArn"), arn + "l:1");
    EXPECT_EQ(wire::text_of(told, "LayerArn"), arn + "l");
    EXPECT_EQ(wire::text_of(*told.find("Content"), "CodeSha256"),
              base64_encode(sha256(*zip_of("python/a.py", "1"))));
    EXPECT_EQ(wire::text_of(told, "CreatedDate").substr(23), "+0000");
    EXPECT_EQ(world.call("GET", layers + "/l/versions/1").body, first.body);
    publish(world, "l", "python/a.py", "2");
    EXPECT_EQ(world.call("DELETE", layers + "/l/versions/2").status, 204);
    EXPECT_EQ(world.call("DELETE", layers + "/l/versions/2").status, 204);
    world.restart();
    EXPECT_THAT(publish(world, "l", "python/a.py", "3").body, HasSubstr(R"("Version":3)"));
    EXPECT_EQ(world.call("GET", layers + "/l/versions/2").status, 404);
    EXPECT_EQ(world.call("GET", layers + "/l/versions/1").body, first.body);
}

TEST(PublishLayerVersion, RefusesWhatIsNoZip) {
    World world;
    const auto refused =
        world.call("POST", layers + "/l/versions", R"({"Content":{"ZipFile":"bm8gemlw"}})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("Could not unzip uploaded file."));
    EXPECT_THAT(publish(world, "l", "a", "1", R"(,"CompatibleRuntimes":["cobol"])").body,
                HasSubstr("failed to satisfy constraint"));
    EXPECT_EQ(
        json(world.call("GET", layers + "/l/versions")).find("LayerVersions")->items()->size(), 0U);
}

TEST(ListLayers, TellsTheNewestVersionThatMatches) {
    World world;
    publish(world, "a", "x", "1", R"(,"CompatibleRuntimes":["python3.12"])");
    publish(world, "a", "x", "2", R"(,"CompatibleRuntimes":["python3.13"])");
    publish(world, "b", "x", "3");
    const auto latest = [&](const std::string& query) {
        std::vector<std::string> out;
        for (const wire::Value& layer :
             wire::list_of(json(world.call("GET", layers + query)), "Layers"))
            out.push_back(wire::text_of(*layer.find("LatestMatchingVersion"), "LayerVersionArn"));
        return out;
    };
    EXPECT_THAT(latest(""), ElementsAre(arn + "a:2", arn + "b:1"));
    EXPECT_THAT(latest("?CompatibleRuntime=python3.12"), ElementsAre(arn + "a:1"));
    EXPECT_THAT(latest("?MaxItems=1"), ElementsAre(arn + "a:2"));
    EXPECT_THAT(latest("?MaxItems=1&Marker=a"), ElementsAre(arn + "b:1"));
}

TEST(ListLayerVersions, PagesFromTheNewestOn) {
    World world;
    for (const std::string contents : {"1", "2", "3"}) publish(world, "l", "x", contents);
    const wire::Value page = json(world.call("GET", layers + "/l/versions?MaxItems=2"));
    EXPECT_EQ(*wire::list_of(page, "LayerVersions").front().find("Version")->integer(), 3);
    EXPECT_EQ(wire::text_of(page, "NextMarker"), "2");
    const wire::Value rest = json(world.call("GET", layers + "/l/versions?Marker=2"));
    ASSERT_EQ(wire::list_of(rest, "LayerVersions").size(), 1U);
    EXPECT_EQ(*wire::list_of(rest, "LayerVersions").front().find("Version")->integer(), 1);
    EXPECT_FALSE(rest.find("NextMarker"));
}

TEST(GetAccountSettings, CountsLayers) {
    World world;
    publish(world, "l", "x", "1");
    publish(world, "l", "x", "22");
    const wire::Value usage =
        *json(world.call("GET", "/2016-08-19/account-settings")).find("AccountUsage");
    EXPECT_EQ(*usage.find("TotalCodeSize")->integer(),
              zip_of("x", "1")->size() + zip_of("x", "22")->size());
}

TEST(GetLayerVersionByArn, FindsWhatTheArnNames) {
    World world;
    publish(world, "l", "x", "1");
    const std::string by_arn = layers + "?find=LayerVersion&Arn=" + arn + "l:";
    EXPECT_EQ(wire::text_of(json(world.call("GET", by_arn + "1")), "LayerVersionArn"), arn + "l:1");
    EXPECT_EQ(world.call("GET", by_arn + "2").status, 404);
    EXPECT_THAT(world.call("GET", by_arn + "0").body, HasSubstr("Cannot be less than 1"));
}

TEST(LayerVersionPolicy, IsKeptByStatementsAndGuardedByItsRevision) {
    World world;
    publish(world, "l", "x", "1");
    const std::string policy = layers + "/l/versions/1/policy";
    EXPECT_EQ(world.call("GET", policy).status, 404);
    const std::string statement =
        R"({"StatementId":"s","Action":"lambda:GetLayerVersion","Principal":"111122223333"})";
    const auto added = world.call("POST", policy, statement);
    EXPECT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(world.call("POST", policy, statement).status, 409);
    world.restart();
    const wire::Value kept = json(world.call("GET", policy));
    EXPECT_THAT(wire::text_of(kept, "Policy"),
                HasSubstr(R"("Principal":{"AWS":"arn:aws:iam::111122223333:root"})"));
    EXPECT_EQ(world.call("DELETE", policy + "/s?RevisionId=old").status, 412);
    EXPECT_EQ(world.call("DELETE", policy + "/other").status, 404);
    EXPECT_EQ(
        world.call("DELETE", policy + "/s?RevisionId=" + wire::text_of(kept, "RevisionId")).status,
        204);
    EXPECT_EQ(world.call("GET", policy).status, 404);
}

Task<void> call_into(World* world, std::string target, std::string body,
                     std::vector<int>* statuses) {
    statuses->push_back(
        (co_await World::ask(world, "POST", std::move(target), std::move(body), {})).status);
}

TEST(LayerVersionPolicy, TakesTwoStatementsAtOnce) {
    World world;
    world.slow_commits_down();
    publish(world, "l", "x", "1");
    const std::string policy = layers + "/l/versions/1/policy";
    std::vector<int> statuses;
    Scope scope;
    for (const std::string id : {"a", "b"})
        scope.spawn(call_into(
            &world, policy,
            R"({"StatementId":")" + id + R"(","Action":"lambda:GetLayerVersion","Principal":"*"})",
            &statuses));
    world.sim.run_for(std::chrono::seconds(1));
    EXPECT_THAT(statuses, ElementsAre(201, 201));
    const std::string kept = wire::text_of(json(world.call("GET", policy)), "Policy");
    EXPECT_THAT(kept, HasSubstr(R"("Sid":"a")"));
    EXPECT_THAT(kept, HasSubstr(R"("Sid":"b")"));
}

TEST(FunctionLayers, AreNamedCheckedAndKept) {
    World world;
    publish(world, "a", "x", "1");
    publish(world, "a", "x", "2");
    const auto made = world.create("f", echo, R"(,"Layers":[")" + arn + "a:1\"]");
    EXPECT_THAT(made.body, HasSubstr(R"("Layers":[{"Arn":")" + arn + R"(a:1","CodeSize":)"));
    const auto message = [&](const std::string& list) {
        return wire::text_of(json(attach(world, "f", list)), "message");
    };
    const auto quoted = [](const std::string& name) { return "\"" + arn + name + "\""; };
    EXPECT_EQ(message(quoted("a:3")), "Layer version " + arn + "a:3 does not exist.");
    EXPECT_EQ(message(quoted("a:1") + "," + quoted("a:2")),
              "Two different versions of the same layer are not allowed to be referenced in the "
              "same function. " +
                  arn + "a:1 and " + arn + "a:2 are versions of the same layer.");
    EXPECT_THAT(message(R"("arn:aws:lambda:eu-west-1:000000000000:layer:a:1")"),
                HasSubstr("expected to be in region us-east-1."));
    EXPECT_THAT(message("\"" + arn + "a\""), HasSubstr("failed to satisfy constraint"));
    std::string six = quoted("a:1");
    for (int i = 0; i < 5; ++i) six += "," + quoted("a:1");
    EXPECT_EQ(message(six), "Cannot reference more than 5 layers.");
    EXPECT_THAT(attach(world, "f", quoted("a:2")).body, HasSubstr(arn + "a:2"));
    EXPECT_THAT(attach(world, "f", "").body, ::testing::Not(HasSubstr("Layers")));
}

TEST(FunctionLayers, OutliveTheirVersion) {
    World world;
    publish(world, "a", "x", "1");
    world.create("f", echo, R"(,"Layers":[")" + arn + "a:1\"]");
    EXPECT_EQ(world.call("DELETE", layers + "/a/versions/1").status, 204);
    world.restart();
    EXPECT_EQ(world.invoke("f", "7").body, "7");
    EXPECT_THAT(world.call("GET", "/2015-03-31/functions/f/configuration").body,
                HasSubstr(arn + "a:1"));
}

Task<Result<std::string>> merged(CodeStore* code, std::vector<Bytes> zips) {
    std::vector<std::string> names;
    for (Bytes& zip : zips) {
        MILL_CO_TRY(const StoredCode stored, co_await code->put(std::move(zip)));
        names.push_back(stored.sha256);
    }
    co_return co_await code->merged_tree(std::move(names));
}

Task<void> merge_into(CodeStore* code, std::vector<std::string> names, int* done) {
    *done += co_await code->merged_tree(std::move(names)) ? 1 : 0;
}

TEST(MergedTree, MadeTwiceAtOnceLeavesNothingBehind) {
    sim::SimMachine sim(1);
    CodeStore code(sim.machine(), "/data");
    ASSERT_TRUE(code.clean({}));
    std::vector<std::string> names;
    for (const std::string contents : {"1", "2"})
        names.push_back(sim.await(code.put(*zip_of("a", contents)))->sha256);
    int done = 0;
    Scope scope;
    for (int i = 0; i < 2; ++i) scope.spawn(merge_into(&code, names, &done));
    sim.run_for(std::chrono::seconds(1));
    EXPECT_EQ(done, 2);
    EXPECT_EQ(sim.machine().files.list("/data/code")->size(), 3U) << "two trees and what they make";
}

TEST(MergedTree, HasTheLaterOverTheEarlier) {
    sim::SimMachine sim(1);
    machine::Files& files = sim.machine().files;
    CodeStore code(sim.machine(), "/data");
    ASSERT_TRUE(code.clean({}));
    const auto tree =
        sim.await(merged(&code, {*zip_of("python/a.py", "first"), *zip_of("python/b.py", "b"),
                                 *zip_of("bin", "file"), *zip_of("python/a.py", "last"),
                                 *zip_of("bin/tool", "tool")}));
    ASSERT_TRUE(tree) << tree.error().message;
    EXPECT_EQ(*machine::read_file(files, *tree + "/python/a.py"), "last");
    EXPECT_EQ(*machine::read_file(files, *tree + "/python/b.py"), "b");
    EXPECT_EQ(*machine::read_file(files, *tree + "/bin/tool"), "tool");
    const auto other_way =
        sim.await(merged(&code, {*zip_of("bin/tool", "tool"), *zip_of("bin", "file")}));
    ASSERT_TRUE(other_way) << other_way.error().message;
    EXPECT_EQ(*machine::read_file(files, *other_way + "/bin"), "file");
}

}  // namespace
}  // namespace mill::lambda
