// SPDX-License-Identifier: Apache-2.0
// Damage to a table's write-ahead log: named, or no worse than the crash that it looks like.
#include "engines/sqlite/log_check.h"

#include <charconv>

#include "engines/sqlite/sqlite_table.h"
#include "storage/contract/rig.h"

namespace mill::storage::contract {
namespace {

const std::string path = std::string(data_directory) + "/table.sqlite";
const std::string log_path = path + "-wal";

struct TableRig {
    explicit TableRig(bool with_sync) : sync(with_sync) { rig.open(); }

    const bool sync;
    sqlite::BackupTable* table = nullptr;
    Rig rig{{.name = "sqlite", .open = [this](Machine& machine) -> Result<Engine> {
                 MILL_TRY(auto opened, sqlite::open_table(machine, path, {.sync = sync}));
                 table = opened.get();
                 return Engine{.table = std::move(opened)};
             }}};
};

constexpr int commits = 40;

Bytes value_of(int n) { return Bytes(static_cast<std::size_t>(n % 7 * 1500), 'v'); }

// One after the other, of one page to some.
void commit_all(Rig& rig) {
    for (int n = 1; n <= commits; ++n) {
        const auto done = rig.await(
            rig.table().commit({.puts = {{"count", std::to_string(n)}, {"value", value_of(n)}}}));
        ASSERT_TRUE(succeeded(done));
    }
}

int count_in(Rig& rig) {
    const Bytes text = rig.table().get("count").value().value_or("0");
    int count = -1;
    std::from_chars(text.data(), text.data() + text.size(), count);
    EXPECT_EQ(rig.table().get("value").value().value_or(""), count ? value_of(count) : "");
    return count;
}

void overwrite(Rig& rig, const std::string& file_path, BytesView bytes) {
    auto file = rig.files().open(file_path, machine::Open::create);
    ASSERT_TRUE((*file)->truncate(0) && (*file)->write_at(0, bytes) && (*file)->sync());
}

// Where a byte's bits are turned, every some hundred bytes.
constexpr std::size_t stride = 331;
constexpr std::size_t head_bytes = 32;  // of the log

TEST(TableLogDamage, IsNamedUnlessItLooksLikeACrashInTheLastCommits) {
    TableRig one(true);
    Rig& rig = one.rig;
    commit_all(rig);
    rig.kill();
    const Bytes table = *machine::read_file(rig.files(), path);
    const Bytes log = *machine::read_file(rig.files(), log_path);
    int named = 0;
    for (std::size_t at = head_bytes; at < log.size(); at += stride) {
        SCOPED_TRACE(at);
        Bytes damaged = log;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
        overwrite(rig, path, table);
        overwrite(rig, log_path, damaged);
        const auto checked = sqlite::check_table(rig.files(), path);
        const auto opened = rig.try_open();
        ASSERT_EQ(code_of(opened), code_of(checked)) << "fsck says what the server says";
        if (opened) {
            EXPECT_GE(count_in(rig), commits - 2);
            rig.kill();
            continue;
        }
        ++named;
        EXPECT_EQ(opened.error().code, "storage.corrupt");
        EXPECT_EQ(opened.error().message, checked.error().message);
        EXPECT_THAT(opened.error().message, testing::StartsWith(log_path + " at byte "));
    }
    EXPECT_GT(named, 100);
}

TEST(TableLogDamage, IsHarmlessOnceTheTableIsSettled) {
    TableRig one(true);
    Rig& rig = one.rig;
    commit_all(rig);
    ASSERT_TRUE(succeeded(rig.await(one.table->settle())));
    rig.kill();
    const Bytes table = *machine::read_file(rig.files(), path);
    const Bytes log = *machine::read_file(rig.files(), log_path);
    for (std::size_t at = 0; at < log.size(); at += stride) {
        SCOPED_TRACE(at);
        overwrite(rig, path, table);
        overwrite(rig, log_path, BytesView(log).substr(0, at));
        rig.open();
        EXPECT_EQ(count_in(rig), commits) << "cut off";
        rig.kill();
        Bytes damaged = log;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
        overwrite(rig, path, table);
        overwrite(rig, log_path, damaged);
        rig.open();
        EXPECT_EQ(count_in(rig), commits) << "damaged";
        rig.kill();
    }
}

// SQLite would give the new log the salt that it finds in such a head.
TEST(TableLogDamage, IsNotSeenInWhatATornHeadLeftBehind) {
    TableRig one(true);
    Rig& rig = one.rig;
    commit_all(rig);
    rig.kill();
    auto file = rig.files().open(log_path, machine::Open::write);
    ASSERT_TRUE((*file)->write_at(12, BytesView("\x7f", 1)));  // the count of checkpoints
    for (int n = 0; n < 3; ++n) {
        const auto opened = rig.try_open();
        ASSERT_TRUE(succeeded(opened));
        ASSERT_TRUE(succeeded(rig.await(rig.table().commit({.puts = {{"n", "1"}}}))));
        rig.kill();
    }
}

// The disk may then hold a commit without the one before.
TEST(TableLogDamage, IsTakenForACrashWhereNothingIsSynced) {
    TableRig one(false);
    Rig& rig = one.rig;
    commit_all(rig);
    rig.kill();
    const Bytes log = *machine::read_file(rig.files(), log_path);
    Bytes damaged = log;
    damaged[log.size() / 2] = static_cast<char>(damaged[log.size() / 2] ^ 0x20);
    overwrite(rig, log_path, damaged);
    EXPECT_TRUE(succeeded(sqlite::check_table(rig.files(), path)));
    rig.open();
    EXPECT_LT(count_in(rig), commits - 2);
}

}  // namespace
}  // namespace mill::storage::contract
