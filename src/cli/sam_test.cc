// SPDX-License-Identifier: Apache-2.0
#include "cli/sam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "cli/human_time.h"
#include "cli/prompt.h"
#include "cli/sam_table.h"
#include "cli/session_fixture.h"

namespace mill::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST_F(Sam, ShortOptionsMayBeOneWord) {
    const std::vector<OptionSpec> specs = {
        {"--cached", "-c", false}, {"--parallel", "-p", false}, {"--template", "-t", true, false}};
    const auto arguments = Arguments::parse({"-cpt", "a.yaml", "-tb.yaml", "--", "-c"}, specs);
    ASSERT_TRUE(arguments) << arguments.error().message;
    EXPECT_TRUE(arguments->has("--cached"));
    EXPECT_TRUE(arguments->has("--parallel"));
    EXPECT_THAT(arguments->all("--template"), ElementsAre("a.yaml", "b.yaml"));
    EXPECT_THAT(arguments->words(), ElementsAre("-c"));
    EXPECT_EQ(Arguments::parse({"-cx"}, specs).error().message, "No such option: -x");
    EXPECT_EQ(Arguments::parse({"-ct"}, specs).error().message,
              "Option '-t' requires an argument.");
    EXPECT_EQ(Arguments::parse({"--cached=1"}, specs).error().message,
              "Option '--cached' does not take a value.");
}

TEST_F(Sam, UnknownOptionsNameTheLikelyOne) {
    EXPECT_EQ(run({"deploy", "--stack-nam", "x"}), exit_usage);
    EXPECT_THAT(
        test_.err,
        HasSubstr("Usage: millrace sam deploy [OPTIONS]\nTry 'millrace sam deploy -h' for "
                  "help.\n\nError: No such option: --stack-nam Did you mean --stack-name?"));
    EXPECT_EQ(run({"build", "--tail"}), exit_usage);
    EXPECT_THAT(test_.err, HasSubstr("No such option: --tail"));
}

TEST_F(Sam, UnknownVerbsAreRefused) {
    EXPECT_EQ(run({"deplyo"}), exit_usage);
    EXPECT_THAT(test_.err, HasSubstr("No such command 'deplyo'. Did you mean 'deploy'?"));
    EXPECT_EQ(run({"local", "start-api"}), exit_failed);
    EXPECT_THAT(test_.err, HasSubstr("sam local start-api: Millrace has no API Gateway"));
    EXPECT_EQ(run({"build", "--use-container"}), exit_failed);
    EXPECT_THAT(test_.err, HasSubstr("--use-container: Millrace builds"));
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

TEST_F(Sam, AProfileGivesRegionEndpointAndCredentials) {
    test_.variables["HOME"] = "/home/me";
    write("/home/me/.aws/config",
          "[default]\nregion = us-west-2\n[ profile  mill ] # ours\nregion=eu-west-1\n"
          "endpoint_url = http://127.0.0.1:5000\ns3 =\n  region = nested\n[profile other]\n");
    write("/home/me/.aws/credentials",
          "[mill]\naws_access_key_id = 111122223333\naws_secret_access_key = s\n");
    const auto find = [&](const std::string& region, const std::string& profile) {
        auto target = find_target(test_.session, {}, region, profile);
        if (!target) return target.error().message;
        return target->endpoint.text() + " " + target->region + " " +
               target->credentials.access_key;
    };
    EXPECT_EQ(find("", ""), "127.0.0.1:4566 us-east-1 test");
    EXPECT_EQ(find("", "mill"), "127.0.0.1:5000 eu-west-1 111122223333");
    EXPECT_EQ(find("us-east-2", "mill"), "127.0.0.1:5000 us-east-2 111122223333");
    EXPECT_EQ(find("", "default"), "127.0.0.1:4566 us-west-2 test");
    EXPECT_EQ(find("", "none"), "The config profile (none) could not be found");
    test_.variables["AWS_ACCESS_KEY_ID"] = "444455556666";
    EXPECT_EQ(find("", "mill"), "127.0.0.1:5000 eu-west-1 111122223333");
    test_.variables["AWS_PROFILE"] = "mill";
    test_.variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:6000";
    EXPECT_EQ(find("", ""), "127.0.0.1:6000 eu-west-1 444455556666");
}

TEST_F(Sam, ParametersAreOverriddenInEveryForm) {
    write("o/more.json", R"({"F": "g", "N": 3})");
    write("o/given.yaml", "- C: [1, 2]\n  D: null\n- E=f\n- $include: file://more.json\n");
    const auto read = [&](std::vector<std::string> words) {
        SamOptions options;
        options.config["parameter_overrides"] = std::move(words);
        return parameter_overrides(files(), options);
    };
    const auto plain =
        read({"A=1 Q=\"two words\" R='x=y' S=a\\ b", "ParameterKey=B,ParameterValue=x=y", "A=2"});
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_EQ(*plain,
              (Pairs{{"A", "2"}, {"Q", "two words"}, {"R", "x=y"}, {"S", "a b"}, {"B", "x=y"}}));
    const auto filed = read({"file://o/given.yaml"});
    ASSERT_TRUE(filed) << filed.error().message;
    EXPECT_EQ(*filed, (Pairs{{"C", "1,2"}, {"D", ""}, {"E", "f"}, {"F", "g"}, {"N", "3"}}));
    EXPECT_THAT(read({"A"}).error().message, HasSubstr("A is not a valid format"));
    EXPECT_THAT(read({"file://none.yaml"}).error().message, HasSubstr("was not found"));
    write("loop.json", R"(["file://loop.json"])");
    EXPECT_THAT(read({"file://loop.json"}).error().message, HasSubstr("Infinite recursion"));
}

TEST_F(Sam, SamconfigIsChangedInPlace) {
    SamConfigFile fresh;
    fresh.put("default", "deploy", "stack_name", std::string("shop"));
    fresh.put("default", "global", "region", std::string("eu-west-1"));
    fresh.put("default", "deploy", "resolve_s3", true);
    EXPECT_EQ(fresh.text(),
              "version = 0.1\n\n[default.deploy.parameters]\nstack_name = \"shop\"\nresolve_s3 = "
              "true\n\n[default.global.parameters]\nregion = \"eu-west-1\"\n");
    SamConfigFile kept(
        "# mine\n[default.deploy.parameters]\ntags = [\n  \"a[=1\",\n]  # both\nx = "
        "1\n\n[other]\n");
    kept.put("default", "deploy", "tags", std::vector<std::string>{"b=\"2\""});
    kept.put("default", "deploy", "y", false);
    EXPECT_EQ(kept.text(),
              "# mine\n[default.deploy.parameters]\ntags = [\"b=\\\"2\\\"\"]\nx = 1\ny = "
              "false\n\n[other]\n");
}

TEST_F(Sam, SamconfigMayBeYamlOrJson) {
    write("samconfig.yaml",
          "version: 0.1\ndefault:\n  deploy:\n    parameters:\n      stack_name: shop\n"
          "      parameter_overrides: {A: two words}\n      capabilities: [X, Y]\n");
    const auto config = load_sam_config(files(), "samconfig.toml", "default", "deploy");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->at("stack_name").front(), "shop");
    EXPECT_THAT(config->at("parameter_overrides"), ElementsAre("A=\"two words\""));
    EXPECT_THAT(config->at("capabilities"), ElementsAre("X", "Y"));
}

TEST_F(Sam, SavedOptionsAreReadAgain) {
    write("template.yaml", "Resources: {A: {Type: AWS::Kinesis::Stream}}\n");
    EXPECT_EQ(run({"deploy", "--stack-name", "s", "--tags", "a=b", "c=d", "--no-confirm-changeset",
                   "--save-params"}),
              exit_unreachable);
    const auto config = load_sam_config(files(), "samconfig.toml", "default", "deploy");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->at("stack_name").front(), "s");
    EXPECT_THAT(config->at("tags"), ElementsAre("a=b", "c=d"));
    EXPECT_EQ(config->at("confirm_changeset").front(), "false");
    EXPECT_FALSE(config->contains("save_params"));
}

TEST_F(Sam, WhatSamCliSavesOfRefusedOptionsIsTakenIfItIsEmpty) {
    write("samconfig.toml", "[default.deploy.parameters]\nimage_repositories = []\n");
    EXPECT_TRUE(read_sam_options(test_.session, {"--image-repositories"}, "deploy", {}));
    write("samconfig.toml", "[default.deploy.parameters]\nimage_repositories = [\"F=x\"]\n");
    EXPECT_EQ(read_sam_options(test_.session, {"--image-repositories"}, "deploy", {}).error().code,
              "refused");
}

TEST_F(Sam, ANegationIsTheLastWord) {
    const OptionNames names = {"--confirm-changeset"};
    const auto options = read_sam_options(test_.session, names, "deploy",
                                          {"--confirm-changeset", "--no-confirm-changeset"});
    ASSERT_TRUE(options);
    EXPECT_FALSE(options->flag("--confirm-changeset"));
}

TEST_F(Sam, QuestionsTakeTheFallbackAndAskAgain) {
    test_.answers = {"", "perhaps", "Yes"};
    EXPECT_EQ(*prompt(test_.session, "Name", "shop"), "shop");
    EXPECT_TRUE(*confirm(test_.session, "Sure?", false));
    EXPECT_THAT(test_.out, HasSubstr("Sure? [y/N]: Error: invalid input\nSure? [y/N]: "));
    EXPECT_EQ(confirm(test_.session, "Sure?", false).error().code, "aborted");
}

TEST_F(Sam, TablesWrapAsSamCliDoes) {
    EXPECT_THAT(wrap("kinesis-consumer-producer", 22),
                ElementsAre("kinesis-consumer-", "producer"));
    EXPECT_THAT(wrap("AWS::CloudFormation::Stack", 22),
                ElementsAre("AWS::CloudFormation::S", "tack"));
    EXPECT_THAT(wrap("Resource creation Initiated", 22),
                ElementsAre("Resource creation", "Initiated"));
    EXPECT_THAT(wrap("", 22), ElementsAre());
    SamTable table(test_.session, "Title", {"A", "B"});
    table.row({"x", "y"});
    table.end();
    EXPECT_EQ(test_.out, "Title\n" + std::string(97, '-') + "\n" + "A" + std::string(48, ' ') +
                             "B" + std::string(46, ' ') + "\n" + std::string(97, '-') + "\n" + "x" +
                             std::string(48, ' ') + "y" + std::string(46, ' ') + "\n" +
                             std::string(97, '-') + "\n\n");
}

TEST_F(Sam, TimesAreReadAsPeopleWriteThem) {
    const WallTime now = *parse_iso8601("2026-03-10T12:00:00Z");
    const auto read = [&](std::string_view text) {
        const auto time = parse_human_time(text, now);
        return time ? iso8601_s(*time) : "none";
    };
    EXPECT_EQ(read("10min ago"), "2026-03-10T11:50:00Z");
    EXPECT_EQ(read("5mins ago"), "2026-03-10T11:55:00Z");
    EXPECT_EQ(read("1 hour 30 minutes ago"), "2026-03-10T10:30:00Z");
    EXPECT_EQ(read("an hour ago"), "2026-03-10T11:00:00Z");
    EXPECT_EQ(read("2 weeks ago"), "2026-02-24T12:00:00Z");
    EXPECT_EQ(read("in 10s"), "2026-03-10T12:00:10Z");
    EXPECT_EQ(read("yesterday"), "2026-03-09T12:00:00Z");
    EXPECT_EQ(read("2018-01-01 10:10:10"), "2018-01-01T10:10:10Z");
    EXPECT_EQ(read("1514801410"), "2018-01-01T10:10:10Z");
    EXPECT_EQ(read("soon"), "none");
    EXPECT_EQ(read("10 apples ago"), "none");
}

TEST_F(Sam, InitMakesAProjectAndLeavesOthers) {
    EXPECT_EQ(
        run({"init", "--name", "shop", "--runtime", "python3.13", "--app-template", "orders"}),
        exit_ok);
    EXPECT_TRUE(files().exists("shop/src/producer.py"));
    EXPECT_THAT(*machine::read_file(files(), "shop/samconfig.toml"),
                HasSubstr("stack_name = \"shop\""));
    EXPECT_TRUE(load_template(files(), "shop/template.yaml"));
    EXPECT_EQ(run({"init", "--name", "shop", "--runtime", "provided.al2023"}), exit_failed);
    EXPECT_THAT(test_.err, HasSubstr("shop exists already"));
    EXPECT_EQ(run({"init", "--name", "x", "--runtime", "java21"}), exit_usage);
    EXPECT_EQ(run({"init", "--name", "x"}), exit_usage) << "nobody is there to be asked";
    EXPECT_EQ(
        run({"init", "--name", "x", "--runtime", "python3.13", "--app-template", "hello-world"}),
        exit_failed);
}

TEST_F(Sam, NewTemplatesFitTheirLanguage) {
    EXPECT_EQ(run({"init", "--name", "cpp", "--runtime", "provided.al2023"}), exit_ok);
    EXPECT_EQ(run({"init", "--name", "py", "--runtime", "python3.13"}), exit_ok);
    for (const auto& [project, handler, method] :
         {std::tuple("cpp", "bootstrap", "makefile"), std::tuple("py", "producer.handle", "")}) {
        const auto text = machine::read_file(files(), std::string(project) + "/template.yaml");
        ASSERT_TRUE(text);
        EXPECT_THAT(*text, Not(HasSubstr("{")));
        const auto functions = functions_of(*wire::parse_template(*text));
        ASSERT_EQ(functions.size(), 2U);
        EXPECT_EQ(functions[0].logical_id, "LambdaProducer");
        EXPECT_EQ(functions[0].handler, handler);
        for (const CodeSource& one : functions) EXPECT_EQ(one.build_method, method);
    }
}

TEST_F(Sam, EveryVerbTellsItsOptionsAndAnExample) {
    for (const auto& [name, options] : sam_verb_options()) {
        std::vector<std::string> words = {name.substr(0, name.find(' '))};
        if (name.contains(' ')) words.push_back(name.substr(name.find(' ') + 1));
        words.emplace_back("--help");
        test_.out.clear();
        EXPECT_EQ(run(words), exit_ok);
        EXPECT_THAT(test_.out, HasSubstr("Examples:\n  millrace sam " + name)) << name;
        for (const std::string& option : options) EXPECT_THAT(test_.out, HasSubstr(option));
    }
}

TEST_F(Sam, AMalformedSamconfigNamesTheLine) {
    write("p/samconfig.toml", "version = 0.1\n[default\n");
    const auto config = load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().message, HasSubstr("p/samconfig.toml line 2"));
    write("p/samconfig.toml",
          "# \u00e9\n[default.deploy.parameters]\na = \"\u00e9\\\"#\" # '\u00e9\nb = '\u00e9'\n"
          "c = '''\n\u0450'''\n");
    const auto foreign = load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
    ASSERT_TRUE(foreign) << foreign.error().message;
    EXPECT_EQ(foreign->at("a").front(), "\u00e9\"#");
    EXPECT_EQ(foreign->at("c").front(), "\u0450");
    for (const char* text : {"a = 1\n\u00e9 = 1\n", "a = 1\n\u0450 = 1\n",
                             "a = 1\nb = \"\\\u00e9\"\n", "a = 1\nb = '\u00e9\n"}) {
        write("p/samconfig.toml", text);
        const auto misplaced = load_sam_config(files(), "p/samconfig.toml", "default", "deploy");
        ASSERT_FALSE(misplaced) << text;
        EXPECT_THAT(misplaced.error().message, HasSubstr("p/samconfig.toml line 2: "));
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
    EXPECT_EQ(functions[0].uri, "src/");
    EXPECT_EQ(functions[0].runtime, "python3.13");
    EXPECT_EQ(functions[1].build_method, "makefile");
    EXPECT_EQ(functions[1].uri, "native/");
    EXPECT_EQ(functions[2].uri, "");
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

TEST(SamProject, ParametersSayWhereCodeIsAndWhatIsComputedIsKnownAsSuch) {
    const auto document = wire::parse_template(R"(
Parameters: {Where: {Type: String, Default: src/}, Elsewhere: {Type: String}}
Resources:
  ByDefault: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Ref Where}}
  Given: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Ref Elsewhere}}
  Computed: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Sub "${Where}x"}}
  Inline: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: text}}}
)");
    ASSERT_TRUE(document);
    std::map<std::string, CodeSource> sources;
    for (const CodeSource& one : sources_of(with_parameters(*document, {{"Elsewhere", "other/"}})))
        sources[one.logical_id] = one;
    EXPECT_EQ(sources["ByDefault"].uri, "src/");
    EXPECT_EQ(sources["Given"].uri, "other/");
    EXPECT_TRUE(sources["Computed"].uri.empty());
    EXPECT_TRUE(sources["Computed"].is_computed);
    EXPECT_FALSE(sources["Inline"].is_computed);
    EXPECT_FALSE(sources["ByDefault"].is_computed);
    EXPECT_TRUE(sources_of(with_parameters(*document, {}))[1].is_computed);
}

}  // namespace
}  // namespace mill::cli
