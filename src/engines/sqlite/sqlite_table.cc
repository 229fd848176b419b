// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/sqlite_table.h"

#include <deque>

#include "engines/sqlite/database.h"
#include "machine/signal.h"

namespace mill::sqlite {
namespace {

using storage::TableMap;

class SqliteTable final : public BackupTable {
  public:
    SqliteTable(Machine& machine, std::shared_ptr<Database> database, TableMap map)
        : machine_(machine), database_(std::move(database)), map_(std::move(map)) {}

    Result<std::optional<Bytes>> get(std::string_view key) override { return map_.get(key); }
    Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view after,
                                    std::size_t limit) override {
        return map_.scan(prefix, after, limit);
    }
    Task<Result<void>> commit(Commit commit) override;
    Task<Result<void>> backup(std::string to, std::function<void()> at_moment) override;
    Task<Result<void>> settle() override;

  private:
    using Done = machine::OneShot<Result<void>>;
    struct Pending {
        TableMap::Undo undo;
        Done done;
    };

    // Between two transactions: first `at_moment`, on the executor, then `work`.
    struct Errand {
        std::function<void()> at_moment;
        std::function<Result<void>(Database&)> work;
        Done done;
    };

    static Task<Result<void>> answer(Result<void> result) { co_return result; }
    Task<void> write_loop();
    Task<Result<void>> run(Errand errand);
    Task<void> run_errands();
    void settle_first(std::size_t count);
    void fail_all(const Error& error);

    Machine& machine_;
    std::shared_ptr<Database> database_;
    TableMap map_;
    std::vector<Commit> queue_;    // not yet being written
    std::deque<Pending> pending_;  // being written or queued, oldest first
    std::vector<Errand> errands_;
    bool writing_ = false;
    Scope scope_;
};

Task<Result<void>> SqliteTable::commit(Commit commit) {
    if (auto checked = map_.check(commit.preconditions); !checked)
        return answer(std::move(checked));
    Done done(machine_.executor);
    pending_.push_back({map_.apply(commit), done});
    queue_.push_back(std::move(commit));
    if (!std::exchange(writing_, true)) scope_.spawn(write_loop());
    return done.take();
}

Task<Result<void>> SqliteTable::backup(std::string to, std::function<void()> at_moment) {
    return run({.at_moment = std::move(at_moment),
                .work = [to = std::move(to)](Database& database) { return database.backup(to); },
                .done = Done(machine_.executor)});
}

Task<Result<void>> SqliteTable::settle() {
    return run({.at_moment = [] {},
                .work = [](Database& database) { return database.settle(); },
                .done = Done(machine_.executor)});
}

Task<Result<void>> SqliteTable::run(Errand errand) {
    Done done = errand.done;
    errands_.push_back(std::move(errand));
    if (!std::exchange(writing_, true)) scope_.spawn(write_loop());
    return done.take();
}

Task<void> SqliteTable::run_errands() {
    for (Errand& errand : std::exchange(errands_, {})) {
        auto result = std::make_shared<Result<void>>();
        // No transaction runs here, so what is committed now is what a copy will hold.
        errand.at_moment();
        co_await machine::offload(
            machine_.executor,
            [result, database = database_, work = errand.work] { *result = work(*database); });
        errand.done.set(*result);
    }
}

Task<void> SqliteTable::write_loop() {
    struct Work {
        std::shared_ptr<Database> database;
        std::vector<Commit> commits;
        Result<void> result;
    };
    co_await machine::yield(
        machine_.executor);  // what is ready in this turn shares the transaction
    while (!queue_.empty() || !errands_.empty()) {
        co_await run_errands();
        if (queue_.empty()) continue;
        auto work = std::make_shared<Work>(database_, std::exchange(queue_, {}));
        co_await machine::offload(machine_.executor,
                                  [work] { work->result = work->database->write(work->commits); });
        if (work->result) {
            settle_first(work->commits.size());
        } else {
            machine_.log.error("storage.commit_failed", {{"error", work->result.error().message}});
            fail_all(work->result.error());
        }
    }
    writing_ = false;
}

void SqliteTable::settle_first(std::size_t count) {
    for (; count > 0; --count) {
        pending_.front().done.set({});
        pending_.pop_front();
    }
}

void SqliteTable::fail_all(const Error& error) {
    queue_.clear();
    for (; !pending_.empty(); pending_.pop_back()) {
        map_.revert(std::move(pending_.back().undo));
        pending_.back().done.set(Failure(error));
    }
}

}  // namespace

namespace {

Result<std::uint64_t> count_entries(machine::Files& files, const std::string& path) {
    MILL_TRY(auto database, Database::open_to_read(files, path));
    TableMap map;
    MILL_CHECK(database->load(map));
    return map.scan("", "", 0).size();
}

}  // namespace

// SQLite makes a write-ahead log even to read, if there is none.
Result<std::uint64_t> check_table(machine::Files& files, const std::string& path) {
    const std::string log = path + "-wal";
    const bool had_log = files.exists(log);
    const auto entries = count_entries(files, path);
    if (!had_log && files.exists(log)) MILL_CHECK(files.remove(log));
    return entries;
}

Result<std::unique_ptr<BackupTable>> open_table(Machine& machine, const std::string& path,
                                                Options options) {
    MILL_TRY(auto database, Database::open(machine.files, path, options.sync,
                                           machine::random_u64(machine.entropy)));
    TableMap map;
    MILL_CHECK(database->load(map));
    return std::make_unique<SqliteTable>(machine, std::move(database), std::move(map));
}

}  // namespace mill::sqlite
