// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/completion.h"
#include "cli/serve.h"
#include "cli/session_fixture.h"

namespace mill::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct CommandLine : testing::Test {
    TestSession test;
    Words seen;
    std::vector<Verb> verbs = {
        {"serve", "run the server", "help of serve --data\n",
         [this](const Words& words) {
             seen = words;
             return 7;
         }},
        {"status", "ask", "help of status\n", [](const Words&) { return 0; }},
    };
    int run(const Words& words) { return dispatch(test.session, verbs, "1.2.3", words); }
};

TEST_F(CommandLine, RunsTheVerbWithItsWords) {
    EXPECT_EQ(run({"serve", "--data", "x"}), 7);
    EXPECT_THAT(seen, ElementsAre("--data", "x"));
}

TEST_F(CommandLine, AnswersVersionAndHelp) {
    EXPECT_EQ(run({"--version"}), exit_ok);
    EXPECT_EQ(test.out, "millrace 1.2.3\n");
    for (const Words& words :
         {Words{"help", "serve"}, Words{"--help", "serve"}, Words{"serve", "--help"}}) {
        test.out.clear();
        EXPECT_EQ(run(words), exit_ok);
        EXPECT_EQ(test.out, "help of serve --data\n");
    }
    test.out.clear();
    EXPECT_EQ(run({"--help"}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("run the server"));
    EXPECT_THAT(test.out, HasSubstr("Examples:"));
    EXPECT_THAT(test.out, Not(HasSubstr("\033"))) << "colours belong on a terminal only";
    EXPECT_TRUE(seen.empty());
}

TEST_F(CommandLine, UnknownVerbNamesTheLikelyOne) {
    EXPECT_EQ(run({"sevre"}), exit_usage);
    EXPECT_THAT(test.err, HasSubstr("unknown command 'sevre'; did you mean 'millrace serve'?"));
    EXPECT_EQ(run({"entirely-else"}), exit_usage);
    EXPECT_EQ(run({}), exit_usage);
}

TEST_F(CommandLine, CompletionKnowsVerbsAndOptions) {
    EXPECT_THAT(options_in("--data DIR, --data, --log-level x"),
                ElementsAre("--data", "--log-level"));
    EXPECT_EQ(completion(test.session, verbs, {"bash"}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("serve) words='--data --help'"));
    EXPECT_EQ(completion(test.session, verbs, {"fish"}), exit_usage);
    EXPECT_EQ(completion(test.session, verbs, {}), exit_usage);
}

struct Serve : testing::Test {
    Serve() { test.variables["HOME"] = "/home/ann"; }
    TestSession test;
    Result<ServeOptions> parse(const Words& words) { return parse_serve(test.session, words); }
    std::string refusal(const Words& words) {
        const auto options = parse(words);
        return options ? "accepted" : options.error().message;
    }
};

TEST_F(Serve, DefaultsListenOnLoopbackAndKeepDataInTheHome) {
    const auto options = parse({});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->data, "/home/ann/.local/share/millrace");
    EXPECT_THAT(options->listen,
                ElementsAre(machine::Endpoint{"127.0.0.1", 4566}, machine::Endpoint{"::1", 4566}));
    EXPECT_TRUE(options->sync);
    EXPECT_EQ(options->sandbox, "auto");
    test.variables["XDG_DATA_HOME"] = "/share";
    EXPECT_EQ(parse({})->data, "/share/millrace");
}

TEST_F(Serve, CommandLineWinsOverEnvironment) {
    test.variables["MILLRACE_DATA"] = "/env";
    test.variables["MILLRACE_LISTEN"] = "127.0.0.1:1,[::1]:2";
    test.variables["MILLRACE_DURABILITY"] = "os";
    test.variables["MILLRACE_RETENTION_MIN_HOURS"] = "1";
    test.variables["MILLRACE_LIMITS"] = "aws";
    const auto from_environment = parse({});
    ASSERT_TRUE(from_environment);
    EXPECT_EQ(from_environment->data, "/env");
    EXPECT_THAT(from_environment->listen,
                ElementsAre(machine::Endpoint{"127.0.0.1", 1}, machine::Endpoint{"::1", 2}));
    EXPECT_FALSE(from_environment->sync);
    EXPECT_TRUE(from_environment->aws_limits);
    EXPECT_EQ(from_environment->retention_hours_min, 1);
    const auto both = parse({"--data", "/words", "--listen", "127.0.0.1:3", "--durability=synced"});
    ASSERT_TRUE(both);
    EXPECT_EQ(both->data, "/words");
    EXPECT_THAT(both->listen, ElementsAre(machine::Endpoint{"127.0.0.1", 3}));
    EXPECT_TRUE(both->sync);
}

TEST_F(Serve, EphemeralHasNoDataDirectory) {
    test.variables["MILLRACE_DATA"] = "/env";
    EXPECT_EQ(parse({"--ephemeral"})->data, "");
    EXPECT_THAT(refusal({"--ephemeral", "--data", "x"}), HasSubstr("exclude each other"));
    test.variables["MILLRACE_EPHEMERAL"] = "1";
    EXPECT_TRUE(parse({})->ephemeral);
    test.variables["MILLRACE_EPHEMERAL"] = "perhaps";
    EXPECT_THAT(refusal({}), HasSubstr("MILLRACE_EPHEMERAL must be"));
}

TEST_F(Serve, MistakesAreNamedWithTheirFix) {
    EXPECT_THAT(refusal({"--listen", "0.0.0.0:4566"}), HasSubstr("loopback addresses only"));
    EXPECT_THAT(refusal({"--listen", "[::]:4566"}), HasSubstr("loopback addresses only"));
    EXPECT_THAT(refusal({"--listen", "4566"}), HasSubstr("not HOST:PORT"));
    EXPECT_EQ(refusal({"--durability", "none"}), "--durability must be synced or os, not 'none'");
    EXPECT_EQ(refusal({"--sandbox", "on"}), "--sandbox must be auto, required or off, not 'on'");
    EXPECT_THAT(refusal({"--retention-min-hours", "0"}), HasSubstr("must be 1 to 24"));
    EXPECT_EQ(refusal({"--limits", "all"}), "--limits must be none or aws, not 'all'");
    EXPECT_THAT(refusal({"--state-delay-ms", "-1"}), HasSubstr("must be 0 to 600000"));
    EXPECT_THAT(refusal({"--ephemeral", "--code-folder", "F"}), HasSubstr("must be NAME=DIR"));
    EXPECT_THAT(refusal({"--ephemeral", "--function-logs-fd", "x"}), HasSubstr("a descriptor"));
    EXPECT_THAT(refusal({"--code-folder", "F=/f"}), HasSubstr("are for --ephemeral servers"));
    EXPECT_THAT(refusal({"--dta", "x"}), HasSubstr("Did you mean --data?"));
    EXPECT_THAT(refusal({"now"}), HasSubstr("unexpected 'now'"));
    test.variables.clear();
    EXPECT_THAT(refusal({}), HasSubstr("--data DIR"));
}

TEST_F(Serve, HelpNamesEveryOption) {
    for (const char* option :
         {"--data", "--ephemeral", "--listen", "--durability", "--sandbox", "--retention-min-hours",
          "--limits", "--unsupported-resources", "--state-delay-ms", "--python", "--log-level",
          "--ca-bundle", "--allow-host", "--allow-origin", "--code-folder", "--function-logs-fd"}) {
        EXPECT_THAT(options_in(serve_help()), testing::Contains(option));
    }
}

TEST_F(Serve, ErrorsAtStartCarryTheRemedy) {
    const ServeOptions options{.data = "/data"};
    EXPECT_THAT(with_remedy({"io.locked", "'/data/lock' is locked by process 12"}, options),
                HasSubstr("process 12: another millrace serves this directory; stop it"));
    EXPECT_THAT(with_remedy({"io.no_space", "full"}, options),
                HasSubstr("free some space on the disk of '/data'"));
    EXPECT_THAT(with_remedy({"storage.newer_format", "version 9"}, options),
                HasSubstr("run that version"));
    EXPECT_EQ(with_remedy({"else", "as it is"}, options), "as it is");
}

TEST_F(Serve, ReadyLineIsOneLine) {
    EXPECT_EQ(ready_line("1.0", {{{"127.0.0.1", 4566}, {"::1", 4566}}, "/data", "synced", "none"}),
              "Millrace 1.0 is ready: http://127.0.0.1:4566 http://[::1]:4566 | data: /data | "
              "durability: synced | "
              "isolation: none\n");
}

}  // namespace
}  // namespace mill::cli
