// SPDX-License-Identifier: Apache-2.0
// An error at the n-th call of every kind, for every n, over scripted commits: a commit that failed
// is gone for good, reads and later commits go on by themselves.
#include "engines/sqlite/sqlite_table.h"
#include "storage/contract/rig.h"

namespace mill::storage::contract {
namespace {

const std::string path = std::string(data_directory) + "/table.sqlite";
constexpr const char* operations[] = {"write",  "sync", "truncate", "sync_directory",
                                      "remove", "open", "read",     "size"};
// Enough pages that SQLite checkpoints its log within the script.
constexpr int commits = 45;
constexpr std::size_t value_bytes = 100'000;

Subject subject() {
    return {.name = "sqlite", .open = [](Machine& machine) -> Result<Engine> {
                MILL_TRY(auto table, sqlite::open_table(machine, path));
                return Engine{.table = std::move(table)};
            }};
}

class Script {
  public:
    explicit Script(sim::Seed seed = 1) : rig(subject(), seed) { rig.open(); }

    void run() {
        for (int i = 0; i < commits; ++i) {
            commit(Bytes(i % 3 ? 200 : value_bytes, static_cast<char>('a' + i % 26)));
            // Reads are answered whatever the disk does.
            EXPECT_EQ(rig.table().get("value").value_or(std::nullopt), kept_);
        }
    }

    void commit(Bytes value) {
        const std::string text = std::to_string(++count_);
        Table::Commit change{.puts = {{"number", text}, {"value", value}}};
        if (count_ % 4 == 0) change.erases = {"now and then"};
        if (count_ % 4 == 1) change.puts.push_back({"now and then", text});
        const auto done = rig.await(rig.table().commit(std::move(change)));
        is_unknown_ = !done && done.error().code == "storage.stopped";
        last_succeeded_ = done.has_value();
        if (is_unknown_) unknown_ = value;
        if (done) kept_ = std::move(value);
    }

    void expect_going_on() {
        commit("after the error");
        EXPECT_TRUE(last_succeeded_);
        EXPECT_EQ(rig.table().get("value").value(), kept_);
    }

    void verify() {
        const auto value = rig.table().get("value");
        ASSERT_TRUE(succeeded(value));
        if (is_unknown_ && *value == unknown_) kept_ = unknown_;
        is_unknown_ = false;
        EXPECT_EQ(*value, kept_);
    }

    void verify_after_restarts() {
        verify();
        rig.kill();
        rig.open();
        verify();
        rig.lose_power();
        rig.open();
        verify();
    }

    Rig rig;

  private:
    int count_ = 0;
    bool last_succeeded_ = false;
    bool is_unknown_ = false;
    std::optional<Bytes> kept_;
    std::optional<Bytes> unknown_;
};

TEST(SqliteIoErrors, OneAtAnyCall) {
    std::map<std::string, std::uint64_t> calls;
    {
        Script script;
        for (const std::string operation : operations)
            calls[operation] = script.rig.sim().file_calls(operation);
        script.run();
        for (const std::string operation : operations)
            calls[operation] = script.rig.sim().file_calls(operation) - calls[operation];
        script.verify_after_restarts();
    }
    EXPECT_GT(calls.at("write"), 400u);
    EXPECT_GE(calls.at("sync"), 45u);
    for (const std::string operation : operations) {
        // Neighbouring writes of one commit are alike.
        const std::uint64_t step = operation == "write" || operation == "read" ? 7 : 1;
        for (std::uint64_t n = 0; n < calls.at(operation); n += step) {
            SCOPED_TRACE(operation + " " + std::to_string(n));
            Script script(1 + n);
            script.rig.sim().inject_file_error(operation, n, n % 2 ? "io" : "io.no_space");
            script.run();
            script.rig.sim().heal_disk();
            script.expect_going_on();
            script.verify_after_restarts();
            if (testing::Test::HasFailure()) return;
        }
    }
}

TEST(SqliteIoErrors, LastingFromAnyCallOn) {
    for (const std::string operation : operations) {
        for (std::uint64_t n = 0; n < 40; ++n) {
            SCOPED_TRACE(operation + " from " + std::to_string(n));
            Script script(1 + n);
            script.rig.sim().fail_disk(operation, n, n % 2 ? "io" : "io.no_space");
            script.run();
            script.rig.sim().heal_disk();
            if (n % 2 == 0) script.expect_going_on();
            script.verify_after_restarts();
            script.expect_going_on();
            if (testing::Test::HasFailure()) return;
        }
    }
}

TEST(SqliteIoErrors, FullDiskAtAnyFill) {
    for (std::uint64_t room = 0; room < 2'000'000; room += room < 40'000 ? 2000 : 150'000) {
        SCOPED_TRACE("room " + std::to_string(room));
        Script script(1 + room);
        script.rig.sim().fill_disk(room);
        script.run();
        script.rig.sim().heal_disk();
        script.expect_going_on();
        script.verify_after_restarts();
        if (testing::Test::HasFailure()) return;
    }
}

TEST(SqliteIoErrors, WhileOpening) {
    for (const std::string operation : operations) {
        for (std::uint64_t n = 0; n < 30; ++n) {
            SCOPED_TRACE(operation + " " + std::to_string(n));
            Script script(1 + n);
            for (int i = 0; i < 6; ++i) script.commit(Bytes(5000, static_cast<char>('a' + i)));
            n % 2 ? script.rig.kill() : script.rig.lose_power();
            script.rig.sim().inject_file_error(operation, n, "io");
            const auto opened = script.rig.try_open();
            script.rig.sim().heal_disk();
            if (opened) script.verify();
            script.rig.kill();
            script.rig.open();
            script.verify_after_restarts();
            script.expect_going_on();
            if (testing::Test::HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace mill::storage::contract
