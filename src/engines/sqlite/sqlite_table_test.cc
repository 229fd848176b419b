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

}  // namespace
}  // namespace mill::storage::contract
