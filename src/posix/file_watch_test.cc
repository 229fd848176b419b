// SPDX-License-Identifier: Apache-2.0
#include "posix/file_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "posix/test_support.h"

namespace mill::posix {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Not;

void write(const std::string& path, const std::string& text = "text") {
    std::ofstream(path) << text;
}

struct FileWatching : testing::Test {
    TemporaryDirectory directory;
    PosixMachine posix{{.log_level = LogLevel::error}};
    machine::Signal changed{posix.machine().executor};
    std::unique_ptr<FileWatch> watch;

    void open(const std::vector<std::string>& paths) {
        auto opened = posix.watch_files(paths, changed);
        ASSERT_TRUE(opened) << opened.error().message;
        watch = *std::move(opened);
    }

    // What was told until `wanted` was, or for ten seconds.
    Task<std::set<std::string>> told(std::string wanted) {
        const Machine& machine = posix.machine();
        const Instant deadline = machine.clock.now() + std::chrono::seconds(10);
        std::set<std::string> all;
        while (!all.contains(wanted) && machine.clock.now() < deadline) {
            for (std::string& path : watch->take_changed()) all.insert(std::move(path));
            if (!all.contains(wanted)) co_await changed.wait_until(machine.timers, deadline);
        }
        co_return all;
    }
    std::set<std::string> until_told(const std::string& wanted) { return run(posix, told(wanted)); }
};

TEST_F(FileWatching, TellsOfAllBelowADirectoryAndOfWhatIsMadeLater) {
    fs::create_directories(directory / "src/deep");
    open({directory / "src/"});
    write(directory / "src/deep/a");
    EXPECT_THAT(until_told(directory / "src/deep/a"), Contains(directory / "src/deep/a"));
    fs::create_directory(directory / "src/later");
    EXPECT_THAT(until_told(directory / "src/later"), Contains(directory / "src/later"));
    write(directory / "src/later/b");
    EXPECT_THAT(until_told(directory / "src/later/b"), Contains(directory / "src/later/b"));
    fs::remove(directory / "src/later/b");
    EXPECT_THAT(until_told(directory / "src/later/b"), Contains(directory / "src/later/b"));
}

TEST_F(FileWatching, TellsOfAFileThatAnEditorReplacesAndNotOfItsNeighbours) {
    write(directory / "template.yaml");
    open({directory / "template.yaml"});
    write(directory / "template.yaml.new");
    fs::rename(directory / "template.yaml.new", directory / "template.yaml");
    const auto told = until_told(directory / "template.yaml");
    EXPECT_THAT(told, Contains(directory / "template.yaml"));
    EXPECT_THAT(told, Not(Contains(directory / "template.yaml.new")));
}

// As git does when it changes branches.
TEST_F(FileWatching, GoesOnWithADirectoryThatWasRemovedAndMadeAnew) {
    fs::create_directory(directory / "src");
    open({directory / "src"});
    fs::remove_all(directory / "src");
    EXPECT_THAT(until_told(directory / "src"), Contains(directory / "src"));
    fs::create_directory(directory / "src");
    EXPECT_THAT(until_told(directory / "src"), Contains(directory / "src"));
    write(directory / "src/a");
    EXPECT_THAT(until_told(directory / "src/a"), Contains(directory / "src/a"));
}

TEST_F(FileWatching, ARenamedDirectoryIsToldByItsNewName) {
    fs::create_directories(directory / "src/old");
    open({directory / "src"});
    fs::rename(directory / "src/old", directory / "src/new");
    EXPECT_THAT(until_told(directory / "src/new"), Contains(directory / "src/new"));
    write(directory / "src/new/a");
    EXPECT_THAT(until_told(directory / "src/new/a"), Contains(directory / "src/new/a"));
}

TEST_F(FileWatching, MoreChangesThanTheSystemKeepsChangeEverything) {
    std::size_t kept = 0;
    std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
    if (kept == 0 || kept > 100'000) GTEST_SKIP() << "the queue is too long to be filled here";
    fs::create_directory(directory / "src");
    write(directory / "template.yaml");
    open({directory / "src", directory / "template.yaml"});
    for (std::size_t i = 0; i <= kept / 2; ++i) {  // made, closed, removed
        write(directory / "src/b");
        fs::remove(directory / "src/b");
    }
    EXPECT_THAT(until_told(directory / "template.yaml"), Contains(directory / "template.yaml"));
}

}  // namespace
}  // namespace mill::posix
