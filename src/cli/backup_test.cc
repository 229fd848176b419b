// SPDX-License-Identifier: Apache-2.0
#include "cli/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fsck.h"
#include "cli/session_fixture.h"
#include "wire/value.h"

namespace mill::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct DataVerbs : testing::Test {
    DataVerbs() { test.variables["MILLRACE_DATA"] = "data"; }

    // Work that takes as long as it is told.
    void work(const Progress& progress) {
        for (std::uint64_t i = 1; i <= seconds; ++i) {
            test.world.run_for(std::chrono::seconds(1));
            progress(i * 1024 * 1024, seconds * 1024 * 1024);
        }
    }
    Result<void> note(const std::string& call, const Progress& progress) {
        calls.push_back(call);
        work(progress);
        return outcome;
    }

    TestSession test;
    DataReport report{.segments = 2, .logs = 3, .records = 40, .entries = 5};
    Result<void> outcome;
    Result<wire::Credentials> key = wire::Credentials{"AKIAROOT", "secret", ""};
    std::uint64_t seconds = 0;
    std::vector<std::string> calls;
    DataTools tools{
        .absolute = [](const std::string& path) { return "/home/ann/" + path; },
        .check = [this](const std::string& directory,
                        const Progress& progress) -> Result<DataReport> {
            MILL_CHECK(note("check " + directory, progress));
            return report;
        },
        .back_up = [this](const std::string& from, const std::string& to,
                          const Progress& p) { return note("backup " + from + " " + to, p); },
        .restore = [this](const std::string& from, const std::string& to,
                          const Progress& p) { return note("restore " + from + " " + to, p); },
        .root_key = [this](const std::string&) { return key; }};
};

TEST_F(DataVerbs, FsckSaysWhatIsThere) {
    EXPECT_EQ(fsck(test.session, tools, {"copy"}), exit_ok);
    EXPECT_EQ(fsck(test.session, tools, {}), exit_ok);
    EXPECT_THAT(calls, ElementsAre("check /home/ann/copy", "check /home/ann/data"));
    EXPECT_THAT(test.out, HasSubstr("sound: 2 segments, 3 logs, 40 records"));
    EXPECT_THAT(test.err, IsEmpty()) << "what is done at once shows no progress";
    report.findings = {{"f.index", {}, true}};
    EXPECT_EQ(fsck(test.session, tools, {"data"}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("next start"));
    report.findings.push_back({"f at byte 3: gone", {"shard a"}, false});
    EXPECT_EQ(fsck(test.session, tools, {"data"}), exit_failed);
    EXPECT_THAT(test.out, HasSubstr("damage f at byte 3: gone"));
    EXPECT_THAT(test.out, HasSubstr("\"shard a\""));
    EXPECT_EQ(fsck(test.session, tools, {"a", "b"}), exit_usage);
    EXPECT_EQ(fsck(test.session, tools, {"--output", "xml"}), exit_usage);
    outcome = fail("io.locked", "it is locked");
    EXPECT_EQ(fsck(test.session, tools, {}), exit_failed);
    EXPECT_THAT(test.err, HasSubstr("Stop that first"));
}

TEST_F(DataVerbs, FsckSpeaksJson) {
    report.findings = {{"f at byte 3: gone", {"a"}, false}};
    EXPECT_EQ(fsck(test.session, tools, {"--output", "json"}), exit_failed);
    const auto said = wire::parse_json(test.out);
    ASSERT_TRUE(said) << test.out;
    EXPECT_EQ(*said->find("sound"), wire::Value(false));
    EXPECT_EQ(*said->find("records"), wire::Value(40));
    const auto* findings = said->find("findings")->items();
    ASSERT_TRUE(findings && findings->size() == 1);
    EXPECT_EQ(wire::text_of(findings->front(), "text"), "f at byte 3: gone");
    EXPECT_EQ(*findings->front().find("logs"), wire::Value(wire::Value::List{"a"}));
}

TEST_F(DataVerbs, BackupCopiesWhatNoServerHas) {
    EXPECT_EQ(test.world.await(backup(test.session, tools, {"copy"})), exit_ok);
    EXPECT_EQ(test.world.await(backup(test.session, tools, {"copy", "--data", "other"})), exit_ok);
    EXPECT_THAT(calls, ElementsAre("backup /home/ann/data /home/ann/copy",
                                   "backup /home/ann/other /home/ann/copy"));
    outcome = fail("backup.not_empty", "it is not empty");
    EXPECT_EQ(test.world.await(backup(test.session, tools, {"copy"})), exit_failed);
    EXPECT_THAT(test.err, HasSubstr("it is not empty"));
    EXPECT_EQ(test.world.await(backup(test.session, tools, {})), exit_usage);
    EXPECT_EQ(test.world.await(backup(test.session, tools, {"data", "copy"})), exit_usage);
}

TEST_F(DataVerbs, BackupAsksTheServerThatHasIt) {
    outcome = fail("io.locked", "locked");
    EXPECT_EQ(test.world.await(backup(test.session, tools, {"copy"})), exit_unreachable);
    EXPECT_THAT(test.err, HasSubstr("--endpoint"));
    key = fail("io.permission", "cannot open '/home/ann/data/root-key.json'");
    EXPECT_EQ(test.world.await(backup(test.session, tools, {"copy"})), exit_failed);
    EXPECT_THAT(test.err, HasSubstr("as the user who runs the server"));
}

TEST_F(DataVerbs, RestoreMakesADataDirectory) {
    EXPECT_EQ(restore(test.session, tools, {"copy"}), exit_ok);
    EXPECT_THAT(calls, ElementsAre("restore /home/ann/copy /home/ann/data"));
    EXPECT_THAT(test.out, HasSubstr("millrace serve --data /home/ann/data"));
    outcome = fail("backup.missing", "no backup");
    EXPECT_EQ(restore(test.session, tools, {"copy"}), exit_failed);
    EXPECT_THAT(test.err, HasSubstr("millrace restore: no backup\n"));
    EXPECT_EQ(restore(test.session, tools, {}), exit_usage);
}

TEST_F(DataVerbs, WhatTakesLongerShowsProgress) {
    seconds = 8;
    EXPECT_EQ(restore(test.session, tools, {"copy"}), exit_ok);
    EXPECT_EQ(test.err,
              "checking and copying: 12 % of 8 MiB\nchecking and copying: 75 % of 8 MiB\n");
}

}  // namespace
}  // namespace mill::cli
