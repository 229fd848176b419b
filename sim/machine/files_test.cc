// SPDX-License-Identifier: Apache-2.0
// The simulated disk: POSIX's rules, and what a power loss leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "sim/machine/sim_machine.h"

namespace mill::sim {
namespace {

using machine::DirectoryEntry;
using machine::File;
using machine::Files;
using machine::Open;
using ::testing::Contains;
using ::testing::ElementsAre;

std::unique_ptr<File> open(Files& files, const std::string& path, Open how = Open::create) {
    auto file = files.open(path, how);
    EXPECT_TRUE(file) << file.error().message;
    return *std::move(file);
}
void put(Files& files, const std::string& path, BytesView bytes, bool sync = true) {
    auto file = open(files, path);
    ASSERT_TRUE(file->write_at(0, bytes));
    if (sync) {
        ASSERT_TRUE(file->sync());
        ASSERT_TRUE(files.sync_directory("/"));
    }
}
std::string contents(Files& files, const std::string& path) {
    auto bytes = machine::read_file(files, path);
    return bytes ? *bytes : bytes.error().code;
}
template <class R>
std::string code(const R& result) {
    return result ? "" : result.error().code;
}

TEST(Files, ReadWhatWasWritten) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto file = open(files, "a");
    const std::string big(10'000, 'x');
    const BytesView pieces[] = {"head", big, "tail"};
    ASSERT_TRUE(file->write_at(4090, pieces));
    EXPECT_EQ(*file->size(), 4090 + 4 + 10'000 + 4u);
    std::string got(20'000, '?');
    got.resize(*file->read_at(4080, got.data(), got.size()));
    EXPECT_EQ(got, std::string(10, '\0') + "head" + big + "tail");
    EXPECT_EQ(*file->read_at(20'000, got.data(), 10), 0u);
}

TEST(Files, TruncateCutsAndGrowsWithZeros) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto file = open(files, "a");
    ASSERT_TRUE(file->write_at(0, std::string(5000, 'x')));
    ASSERT_TRUE(file->truncate(3));
    ASSERT_TRUE(file->truncate(6));
    EXPECT_EQ(contents(files, "a"), std::string("xxx\0\0\0", 6));
}

TEST(Files, OpenModes) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    EXPECT_EQ(code(files.open("a", Open::read)), "io.not_found");
    EXPECT_EQ(code(files.open("a", Open::write)), "io.not_found");
    EXPECT_EQ(code(files.open("no/a", Open::create)), "io.not_found");
    open(files, "a", Open::create_new);
    EXPECT_EQ(code(files.open("a", Open::create_new)), "io.exists");
    EXPECT_EQ(code(open(files, "a", Open::read)->write_at(0, "x")), "io.permission");
}

TEST(Files, DirectoriesListRenameAndRemove) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    ASSERT_TRUE(files.make_directories("/x/y/z"));
    ASSERT_TRUE(files.make_directories("x/y"));
    open(files, "/x/b");
    put(files, "/x/a", "old");
    put(files, "/x/y/c", "new");
    EXPECT_THAT(*files.list("x"),
                ElementsAre(DirectoryEntry{"a", false}, DirectoryEntry{"b", false},
                            DirectoryEntry{"y", true}));
    ASSERT_TRUE(files.rename("x/y/c", "x/a"));
    EXPECT_EQ(contents(files, "x/a"), "new");
    EXPECT_FALSE(files.exists("x/y/c"));
    EXPECT_EQ(code(files.remove("x/y")), "io");
    ASSERT_TRUE(files.remove_tree("x/y"));
    ASSERT_TRUE(files.remove("x/b"));
    EXPECT_EQ(code(files.remove("x/b")), "io.not_found");
    EXPECT_THAT(*files.list("x"), ElementsAre(DirectoryEntry{"a", false}));
    EXPECT_TRUE(files.remove_tree("nowhere"));
}

TEST(Files, AnOpenFileOutlivesItsName) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto file = open(files, "a");
    ASSERT_TRUE(files.remove("a"));
    ASSERT_TRUE(file->write_at(0, "still here"));
    EXPECT_EQ(*file->size(), 10u);
}

TEST(Files, LockIsHeldByOneUntilItGoesOrTheSoftwareDies) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto lock = files.lock("lock");
    ASSERT_TRUE(lock);
    EXPECT_EQ(code(files.lock("lock")), "io.locked");
    lock->reset();
    lock = files.lock("lock");
    ASSERT_TRUE(lock);
    sim.kill_software();
    auto next = files.lock("lock");
    EXPECT_TRUE(next);
    lock->reset();  // the dead one's handle lets go of nothing
    EXPECT_EQ(code(files.lock("lock")), "io.locked");
}

TEST(KillSoftware, KeepsWhatWasWrittenAndDisarmsOpenFiles) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto file = open(files, "a");
    ASSERT_TRUE(file->write_at(0, "unsynced"));
    sim.kill_software();
    EXPECT_EQ(contents(files, "a"), "unsynced");
    EXPECT_EQ(code(file->write_at(0, "ghost")), "io");
    EXPECT_EQ(contents(files, "a"), "unsynced");
}

TEST(PowerLoss, KeepsWhatWasSynced) {
    for (Seed seed = 0; seed < 50; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", std::string(3000, 'd'));
        sim.power_loss();
        EXPECT_EQ(contents(files, "a"), std::string(3000, 'd')) << "seed " << seed;
    }
}

TEST(PowerLoss, TearsUnsyncedWritesAtSectors) {
    std::set<std::string> seen;
    for (Seed seed = 0; seed < 200; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", std::string(1536, 'o'));
        auto file = open(files, "a");
        ASSERT_TRUE(file->write_at(100, std::string(1336, 'n')));
        sim.power_loss();
        std::string pattern;
        const std::string got = contents(files, "a");
        ASSERT_EQ(got.size(), 1536u);
        const std::string old(1536, 'o');
        const std::string now =
            std::string(100, 'o') + std::string(1336, 'n') + std::string(100, 'o');
        for (std::size_t at = 0; at < 1536; at += 512) {
            const std::string sector = got.substr(at, 512);
            ASSERT_TRUE(sector == old.substr(at, 512) || sector == now.substr(at, 512))
                << "seed " << seed;
            pattern += sector == old.substr(at, 512) ? 'o' : 'n';
        }
        seen.insert(pattern);
    }
    EXPECT_EQ(seen.size(), 8u);  // every subset of three sectors
}

TEST(PowerLoss, AnOlderUnsyncedVersionMaySurvive) {
    std::set<std::string> seen;
    for (Seed seed = 0; seed < 200; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", "1");
        auto file = open(files, "a");
        ASSERT_TRUE(file->write_at(0, "2"));
        ASSERT_TRUE(file->write_at(0, "3"));
        sim.power_loss();
        seen.insert(contents(files, "a"));
    }
    EXPECT_THAT(seen, ElementsAre("1", "2", "3"));
}

TEST(PowerLoss, AGrowingFileIsCaughtAtAnyLength) {
    std::set<std::size_t> sizes;
    for (Seed seed = 0; seed < 200; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", std::string(512, 'o'));
        auto file = open(files, "a");
        ASSERT_TRUE(file->write_at(512, std::string(1024, 'n')));
        sim.power_loss();
        sizes.insert(contents(files, "a").size());
    }
    EXPECT_THAT(sizes, ElementsAre(512, 1024, 1536));
}

TEST(PowerLoss, ATruncationIsDoneOrNot) {
    std::set<std::string> seen;
    for (Seed seed = 0; seed < 100; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", "abcdef");
        ASSERT_TRUE(open(files, "a")->truncate(2));
        sim.power_loss();
        seen.insert(contents(files, "a"));
    }
    EXPECT_THAT(seen, Contains("ab"));
    EXPECT_THAT(seen, Contains("abcdef"));
}

TEST(PowerLoss, WithoutTearingUnsyncedWritesAreGone) {
    for (Seed seed = 0; seed < 20; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", "old");
        ASSERT_TRUE(open(files, "a")->write_at(0, "new and longer"));
        sim.power_loss({.tear_writes = false});
        EXPECT_EQ(contents(files, "a"), "old");
    }
}

TEST(PowerLoss, ANameIsDurableOnceItsDirectoryIsSynced) {
    std::set<bool> unsynced;
    for (Seed seed = 0; seed < 50; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        ASSERT_TRUE(files.make_directories("d"));
        ASSERT_TRUE(files.sync_directory("."));
        open(files, "d/synced");
        ASSERT_TRUE(files.sync_directory("d"));
        open(files, "d/unsynced");
        sim.power_loss();
        EXPECT_TRUE(files.exists("d/synced"));
        unsynced.insert(files.exists("d/unsynced"));
    }
    EXPECT_EQ(unsynced.size(), 2u);
}

TEST(PowerLoss, ARenameIsAllOrNothing) {
    std::set<std::string> seen;
    for (Seed seed = 0; seed < 100; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", "old");
        put(files, "a.new", "new");
        ASSERT_TRUE(files.rename("a.new", "a"));
        sim.power_loss();
        const std::string got = contents(files, "a");
        EXPECT_EQ(files.exists("a.new"), got == "old") << "seed " << seed;
        seen.insert(got);
    }
    EXPECT_THAT(seen, ElementsAre("new", "old"));
}

TEST(PowerLoss, AWholeFileWrittenDurablyIsOldOrNew) {
    std::set<std::string> seen;
    for (Seed seed = 0; seed < 200; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        ASSERT_TRUE(machine::write_file_durably(files, "/a", "old"));
        const char* const operations[] = {"open", "truncate", "write",
                                          "sync", "rename",   "sync_directory"};
        sim.inject_file_error(operations[seed % 6], 0, "io");
        EXPECT_EQ(code(machine::write_file_durably(files, "/a", "new")), "io");
        sim.power_loss();
        seen.insert(contents(files, "/a"));
    }
    EXPECT_THAT(seen, ElementsAre("new", "old"));
}

TEST(FileErrors, FailTheCallWhoseTurnItIsOnce) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto file = open(files, "a");
    sim.inject_file_error("write", 2, "io.no_space");
    EXPECT_TRUE(file->write_at(0, "1"));
    EXPECT_TRUE(file->write_at(1, "2"));
    EXPECT_EQ(code(file->write_at(2, "3")), "io.no_space");
    EXPECT_TRUE(file->write_at(2, "4"));
    sim.inject_file_error("open", 0, "io");
    EXPECT_EQ(code(files.open("a", Open::read)), "io");
    EXPECT_EQ(contents(files, "a"), "124");
}

TEST(FileErrors, AfterAFailedSyncALaterOneSavesNothing) {
    std::set<std::string> seen;
    for (Seed seed = 0; seed < 100; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", "old");
        auto file = open(files, "a");
        ASSERT_TRUE(file->write_at(0, "new"));
        sim.inject_file_error("sync", 0, "io");
        EXPECT_EQ(code(file->sync()), "io");
        EXPECT_TRUE(file->sync());
        EXPECT_EQ(contents(files, "a"), "new");  // the cache still has it
        sim.power_loss();
        seen.insert(contents(files, "a"));
    }
    EXPECT_THAT(seen, ElementsAre("new", "old"));
}

// Random operations against a plain model: what is synced always survives.
TEST(PowerLoss, SyncedPrefixesOfALogSurviveRandomCrashes) {
    for (Seed seed = 0; seed < 100; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        std::string written;
        std::size_t synced = 0;
        put(files, "log", "");
        for (int life = 0; life < 5; ++life) {
            auto file = open(files, "log");
            for (std::uint64_t writes = sim.random(10); writes > 0; --writes) {
                const std::string more(sim.random(3000), static_cast<char>('a' + sim.random(26)));
                ASSERT_TRUE(file->write_at(written.size(), more));
                written += more;
                if (sim.random(3) != 0) continue;
                ASSERT_TRUE(file->sync());
                synced = written.size();
            }
            sim.power_loss();
            const std::string got = contents(files, "log");
            ASSERT_EQ(got.substr(0, synced), written.substr(0, synced)) << "seed " << seed;
            written = got;
            synced = got.size();
        }
    }
}

TEST(DiskFailures, AFailingDiskFailsUntilItIsHealed) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto file = open(files, "a");
    sim.fail_disk("sync", 1, "io");
    EXPECT_TRUE(file->sync());
    EXPECT_EQ(code(file->sync()), "io");
    EXPECT_EQ(code(file->sync()), "io");
    sim.heal_disk();
    EXPECT_TRUE(file->sync());
}

TEST(DiskFailures, AFullDiskTakesWhatFitsAndWhatDoesNotGrow) {
    SimMachine sim(1);
    Files& files = sim.machine().files;
    auto file = open(files, "a");
    ASSERT_TRUE(file->write_at(0, "12345678"));
    sim.fill_disk(4);
    EXPECT_TRUE(file->write_at(0, "abcdefgh"));
    EXPECT_EQ(code(file->write_at(8, "ijklmnop")), "io.no_space");
    EXPECT_EQ(contents(files, "a"), "abcdefghijkl");
    EXPECT_EQ(code(files.open("b", Open::create)), "io.no_space");
    sim.heal_disk();
    EXPECT_TRUE(files.open("b", Open::create));
}

TEST(PowerLoss, TearsAtPages) {
    for (Seed seed = 0; seed < 50; ++seed) {
        SimMachine sim(seed);
        Files& files = sim.machine().files;
        put(files, "a", std::string(8192, 'o'));
        ASSERT_TRUE(open(files, "a")->write_at(0, std::string(8192, 'n')));
        sim.power_loss({.tear_bytes = 4096});
        const std::string got = contents(files, "a");
        ASSERT_EQ(got.size(), 8192U);
        EXPECT_EQ(got.substr(0, 4096), std::string(4096, got[0]));
        EXPECT_EQ(got.substr(4096), std::string(4096, got[4096]));
    }
}

}  // namespace
}  // namespace mill::sim
