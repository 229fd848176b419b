// SPDX-License-Identifier: Apache-2.0
#include "cli/sam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/session_fixture.h"

namespace mill::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sam : public ::testing::Test {
  protected:
    machine::Files& files() { return test_.session.machine.files; }
    void write(const std::string& path, BytesView text) {
        ASSERT_TRUE(files().make_directories(machine::parent_directory(path)));
        ASSERT_TRUE(machine::write_file_durably(files(), path, text));
    }
    int run(std::vector<std::string> words) {
        return test_.world.await(sam(test_.session, std::move(words)));
    }
    TestSession test_;
};

TEST_F(Sam, ArgumentsTakeValuesListsAndWords) {
    const auto arguments =
        Arguments::parse({"build", "--name=a", "-n", "b", "--list", "x", "y", "--flag"},
                         {{"--name", "-n"}, {"--list", {}}, {"--flag", {}, false}});
    ASSERT_TRUE(arguments);
    EXPECT_THAT(arguments->words(), ElementsAre("build"));
    EXPECT_THAT(arguments->all("--name"), ElementsAre("a", "b"));
    EXPECT_THAT(arguments->all("--list"), ElementsAre("x", "y"));
    EXPECT_TRUE(arguments->has("--flag"));
}

TEST_F(Sam, UnknownOptionsNameTheLikelyOne) {
    EXPECT_EQ(run({"deploy", "--stack-nam", "x"}), exit_usage);
    EXPECT_THAT(test_.err, HasSubstr("did you mean --stack-name?"));
    EXPECT_EQ(run({"build", "--tail"}), exit_usage);
    EXPECT_THAT(test_.err, HasSubstr("sam build has no option --tail"));
}

TEST_F(Sam, UnknownVerbsAreRefused) {
    EXPECT_EQ(run({"sync"}), exit_usage);
    EXPECT_THAT(test_.err, HasSubstr("no verb 'sync'"));
}

TEST_F(Sam, SamconfigGivesDefaultsThatTheCommandLineOverrides) {
    write("p/samconfig.toml",
          "version = 0.1\n[default.global.parameters]\nstack_name = \"shop\"\nregion = "
          "\"eu-west-1\"\n"
          "[default.deploy.parameters]\ncapabilities = \"A B\"\nresolve_s3 = true\nregion = "
          "\"us-east-1\"\n");
    SamOptions options;
    options.arguments = *Arguments::parse({"--stack-name", "other"}, {{"--stack-name", {}}});
    options.config = *load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
    EXPECT_EQ(options.get("--stack-name"), "other");
    EXPECT_EQ(options.get("--region"), "us-east-1");
    EXPECT_THAT(options.all("--capabilities"), ElementsAre("A", "B"));
    EXPECT_TRUE(options.flag("--resolve-s3"));
    EXPECT_EQ(load_sam_config(files(), "p/samconfig.toml", "default", "logs")->at("region").front(),
              "eu-west-1");
}

TEST_F(Sam, ParametersAreOverriddenInEitherForm) {
    SamOptions options;
    options.arguments =
        *Arguments::parse({"--parameter-overrides", "A=1", "ParameterKey=B,ParameterValue=x=y"},
                          {{"--parameter-overrides", {}}});
    const auto overrides = parameter_overrides(options);
    ASSERT_TRUE(overrides);
    EXPECT_THAT(*overrides, ElementsAre(std::pair<std::string, std::string>("A", "1"),
                                        std::pair<std::string, std::string>("B", "x=y")));
    options.arguments =
        *Arguments::parse({"--parameter-overrides", "A"}, {{"--parameter-overrides", {}}});
    EXPECT_THAT(parameter_overrides(options).error().message, HasSubstr("Name=Value"));
}

TEST_F(Sam, AMalformedSamconfigNamesTheLine) {
    write("p/samconfig.toml", "version = 0.1\n[default\n");
    const auto config = load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().message, HasSubstr("p/samconfig.toml line 2"));
    write("p/samconfig.toml",
          "# \u00e9\n[default.deploy.parameters]\na = \"\u00e9\\\"#\" # '\u00e9\nb = '\u00e9'\n");
    const auto foreign = load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
    ASSERT_TRUE(foreign) << foreign.error().message;
    EXPECT_EQ(foreign->at("a").front(), "\u00e9\"#");
    for (const char* text : {"a = 1\n\u00e9 = 1\n", "a = 1\nb = \"\\\u00e9\"\n",
                             "a = 1\nb = '\u00e9\n", "a = 1\nb = '''\u00e9'''\n"}) {
        write("p/samconfig.toml", text);
        const auto misplaced = load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
        ASSERT_FALSE(misplaced) << text;
        EXPECT_THAT(misplaced.error().message, HasSubstr("p/samconfig.toml line 2: characters"));
    }
    write("p/samconfig.toml", "[!\n");
    const auto nameless = load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
    ASSERT_FALSE(nameless);
    EXPECT_THAT(nameless.error().message, HasSubstr("p/samconfig.toml is not TOML"));
}

TEST_F(Sam, FunctionsTakeWhatGlobalsSay) {
    const auto document = wire::parse_template(R"(
Globals: {Function: {Runtime: python3.13, CodeUri: src/}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}
  B:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties: {Runtime: provided.al2023, CodeUri: native/}
  C: {Type: AWS::Serverless::Function, Properties: {InlineCode: "x", Handler: index.h}}
  D: {Type: AWS::Kinesis::Stream}
)");
    ASSERT_TRUE(document) << document.error().message;
    const auto functions = functions_of(*document);
    ASSERT_EQ(functions.size(), 3u);
    EXPECT_EQ(functions[0].code_uri, "src/");
    EXPECT_EQ(functions[0].runtime, "python3.13");
    EXPECT_EQ(functions[1].build_method, "makefile");
    EXPECT_EQ(functions[1].code_uri, "native/");
    EXPECT_EQ(functions[2].code_uri, "");
}

TEST_F(Sam, UploadedCodeIsNamedAsEachResourceTypeWantsIt) {
    auto document = *wire::parse_template(
        R"({"Resources":{"S":{"Type":"AWS::Serverless::Function"},"L":{"Type":"AWS::Lambda::Function"}}})");
    set_code_uri(document, "S", "s3://bucket/a/key");
    set_code_uri(document, "L", "s3://bucket/a/key");
    EXPECT_EQ(
        wire::write_json(document),
        R"({"Resources":{"S":{"Type":"AWS::Serverless::Function","Properties":{"CodeUri":"s3://bucket/a/key"}},)"
        R"("L":{"Type":"AWS::Lambda::Function","Properties":{"Code":{"S3Bucket":"bucket","S3Key":"a/key"}}}}})");
}

TEST_F(Sam, EqualFoldersGiveEqualZips) {
    write("one/b.py", "print(1)");
    write("one/sub/a.py", "print(2)");
    write("one/__pycache__/b.pyc", "left out");
    write("two/sub/a.py", "print(2)");
    write("two/b.py", "print(1)");
    const auto one = zip_directory(files(), "one");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(*one, *zip_directory(files(), "two"));
    EXPECT_THAT(*one, HasSubstr("sub/a.py"));
    EXPECT_THAT(*one, ::testing::Not(HasSubstr("pycache")));
    write("two/b.py", "print(3)");
    EXPECT_NE(*one, *zip_directory(files(), "two"));
}

TEST_F(Sam, AnEmptyFolderIsNothingToDeploy) {
    ASSERT_TRUE(files().make_directories("empty"));
    EXPECT_THAT(zip_directory(files(), "empty").error().message, HasSubstr("nothing to deploy"));
}

TEST_F(Sam, DeployWithoutAServerSaysHowToStartOne) {
    write("template.yaml", "Resources: {A: {Type: AWS::Kinesis::Stream}}\n");
    EXPECT_EQ(run({"deploy", "--stack-name", "s"}), exit_unreachable);
    EXPECT_THAT(test_.err, HasSubstr("Start one with: millrace serve"));
}

TEST_F(Sam, DeployNeedsAStackName) {
    write("template.yaml", "Resources: {A: {Type: AWS::Kinesis::Stream}}\n");
    EXPECT_EQ(run({"deploy"}), exit_usage);
    EXPECT_THAT(test_.err, HasSubstr("Missing option '--stack-name'"));
}

}  // namespace
}  // namespace mill::cli
