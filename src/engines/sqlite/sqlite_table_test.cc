// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/sqlite_table.h"

#include "engines/sqlite/database.h"
#include "storage/contract/durable_table_contract.h"
#include "storage/contract/table_contract.h"

namespace mill::storage::contract {
namespace {

const std::string path = std::string(data_directory) + "/table.sqlite";

const Subject sqlite_engine{.name = "sqlite", .open = [](Machine& machine) -> Result<Engine> {
                                MILL_TRY(auto table, sqlite::open_table(machine, path));
                                return Engine{.table = std::move(table)};
                            }};

INSTANTIATE_TEST_SUITE_P(Sqlite, TableContract, testing::Values(sqlite_engine), subject_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, DurableTableContract, testing::Values(sqlite_engine),
                         subject_name);

// All that were begun and not answered depend on each other, and memory returns to what is durable.
TEST(SqliteTable, FailedCommitTakesBackThoseThatWereBegunOnIt) {
    Rig rig(sqlite_engine);
    rig.open();
    ASSERT_TRUE(succeeded(rig.await(rig.table().commit({.puts = {{"a", "0"}}}))));
    rig.sim().inject_file_error("sync", 0, "io.no_space");
    auto first = rig.table().commit({.puts = {{"a", "1"}}});
    auto second = rig.table().commit({.preconditions = {{"a", "1"}}, .puts = {{"a", "2"}}});
    EXPECT_EQ(rig.table().get("a").value(), "2");
    EXPECT_EQ(code_of(rig.await(std::move(first))), "io.no_space");
    EXPECT_EQ(code_of(rig.await(std::move(second))), "io.no_space");
    EXPECT_EQ(rig.table().get("a").value(), "0");
    EXPECT_TRUE(succeeded(
        rig.await(rig.table().commit({.preconditions = {{"a", "0"}}, .puts = {{"a", "3"}}}))));
    rig.restart();
    EXPECT_EQ(rig.table().get("a").value(), "3");
}

TEST(SqliteTable, NewerFormatIsRefused) {
    Rig rig(sqlite_engine);
    rig.open();
    rig.kill();
    constexpr std::uint64_t user_version_at =
        60;  // https://www.sqlite.org/fileformat.html#user_version_number
    auto file = rig.files().open(path, machine::Open::write);
    ASSERT_TRUE((*file)->write_at(user_version_at, BytesView("\0\0\0\x02", 4)));
    // Its own log still holds the page as it was.
    ASSERT_TRUE(rig.files().remove(path + "-wal"));
    const auto opened = rig.try_open();
    EXPECT_EQ(code_of(opened), "storage.newer_format");
}

TEST(SqliteTable, TwoTablesAtOnce) {
    Rig rig(sqlite_engine);
    rig.open();
    auto other = sqlite::open_table(rig.sim().machine(), path + ".other");
    ASSERT_TRUE(succeeded(other));
    EXPECT_TRUE(succeeded(rig.await((*other)->commit({.puts = {{"a", "other"}}}))));
    EXPECT_TRUE(succeeded(rig.await(rig.table().commit({.puts = {{"a", "one"}}}))));
    EXPECT_EQ((*other)->get("a").value(), "other");
}

// One commit after the other; `settled` counts those that were acknowledged.
Task<void> commit_all(Table& table, std::uint64_t count, std::uint64_t& settled) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto done = co_await table.commit({.puts = {{std::to_string(i), Bytes(1000, 'v')}}});
        EXPECT_TRUE(done.has_value());
        ++settled;
    }
}

TEST(SqliteTable, BackupIsOneMomentBesideCommits) {
    for (sim::Seed seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        sim::SimMachine sim{seed};
        Machine& machine = sim.machine();
        ASSERT_TRUE(machine.files.make_directories("/data") && machine.files.sync_directory("/"));
        auto table = *sqlite::open_table(machine, "/data/table.db");
        constexpr std::uint64_t count = 60;
        std::uint64_t settled = 0;
        std::uint64_t at_moment = 0;
        Scope writer;
        writer.spawn(commit_all(*table, count, settled));
        sim.run_until([&] { return settled > 10 + seed; });
        ASSERT_TRUE(
            succeeded(sim.await(table->backup("/data/copy.db", [&] { at_moment = settled; }))));
        EXPECT_TRUE(sim.run_until([&] { return settled == count; })) << "commits go on";
        sim.kill_software();
        table.reset();
        sim.power_loss();
        const auto entries = sqlite::check_table(machine.files, "/data/copy.db");
        ASSERT_TRUE(succeeded(entries));
        EXPECT_GE(*entries, at_moment);
        EXPECT_LE(*entries, at_moment + 1) << "at most what is settled and not yet answered";
        EXPECT_FALSE(machine.files.exists("/data/copy.db-wal")) << "a check leaves nothing behind";
        auto copy = sqlite::open_table(machine, "/data/copy.db");
        ASSERT_TRUE(succeeded(copy));
        EXPECT_EQ((*copy)->get(std::to_string(at_moment - 1)).value(), Bytes(1000, 'v'));
        sim.kill_software();
    }
}

TEST(SqliteTable, CheckChangesNothingAndNamesDamage) {
    Rig rig(sqlite_engine);
    rig.open();
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(
            rig.await(rig.table().commit({.puts = {{std::to_string(i), Bytes(1000, 'v')}}})));
    }
    rig.restart();
    ASSERT_TRUE(rig.await(rig.table().commit({.puts = {{"in the log", "1"}}})));
    rig.kill();
    const Bytes before = *machine::read_file(rig.files(), path);
    const Bytes log_before = *machine::read_file(rig.files(), path + "-wal");
    EXPECT_EQ(sqlite::check_table(rig.files(), path), 301u);
    EXPECT_EQ(*machine::read_file(rig.files(), path), before);
    EXPECT_EQ(*machine::read_file(rig.files(), path + "-wal"), log_before);
    auto file = rig.files().open(path, machine::Open::write);
    const auto at = before.rfind("vvvvvvvv");
    ASSERT_TRUE((*file)->write_at(at, "w"));
    const auto checked = sqlite::check_table(rig.files(), path);
    EXPECT_EQ(code_of(checked), "storage.corrupt");
    EXPECT_THAT(checked.error().message, testing::HasSubstr(path));
}

}  // namespace
}  // namespace mill::storage::contract
