// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/sqlite_table.h"

#include <deque>

#include "engines/sqlite/database.h"
#include "machine/signal.h"

namespace mill::sqlite {
namespace {

using storage::TableMap;

class SqliteTable final : public storage::Table {
  public:
    SqliteTable(Machine& machine, std::shared_ptr<Database> database, TableMap map)
        : machine_(machine), database_(std::move(database)), map_(std::move(map)) {}

    Result<std::optional<Bytes>> get(std::string_view key) override { return map_.get(key); }
    Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view after,
                                    std::size_t limit) override {
        return map_.scan(prefix, after, limit);
    }
    Task<Result<void>> commit(Commit commit) override;

  private:
    using Done = machine::OneShot<Result<void>>;
    struct Pending {
        TableMap::Undo undo;
        Done done;
    };

    static Task<Result<void>> answer(Result<void> result) { co_return result; }
    Task<void> write_loop();
    void settle_first(std::size_t count);
    void fail_all(const Error& error);

    Machine& machine_;
    std::shared_ptr<Database> database_;
    TableMap map_;
    std::vector<Commit> queue_;    // not yet being written
    std::deque<Pending> pending_;  // being written or queued, oldest first
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

Task<void> SqliteTable::write_loop() {
    struct Work {
        std::shared_ptr<Database> database;
        std::vector<Commit> commits;
        Result<void> result;
    };
    co_await machine::yield(
        machine_.executor);  // what is ready in this turn shares the transaction
    while (!queue_.empty()) {
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

Result<std::unique_ptr<storage::Table>> open_table(Machine& machine, const std::string& path,
                                                   Options options) {
    MILL_TRY(auto database, Database::open(machine.files, path, options.sync,
                                           machine::random_u64(machine.entropy)));
    TableMap map;
    MILL_CHECK(database->load(map));
    return std::make_unique<SqliteTable>(machine, std::move(database), std::move(map));
}

}  // namespace mill::sqlite
