// SPDX-License-Identifier: Apache-2.0
#include "app/check_data.h"
#include "app/mill.h"
#include "engines/memory/memory.h"
#include "engines/segment/segment.h"
#include "engines/sqlite/sqlite_table.h"

namespace mill::app {
namespace {

// The segment store, and the lock on its directory: let go after the store is closed.
class LockedLogStore final : public storage::LogStore {
  public:
    LockedLogStore(std::unique_ptr<machine::File> lock, std::unique_ptr<storage::LogStore> logs)
        : lock_(std::move(lock)), logs_(std::move(logs)) {}

    Result<storage::StreamLog*> open_log(const std::string& name) override {
        return logs_->open_log(name);
    }
    Task<Result<void>> drop_log(const std::string& name) override { return logs_->drop_log(name); }
    std::vector<std::string> log_names() const override { return logs_->log_names(); }

  private:
    std::unique_ptr<machine::File> lock_;
    std::unique_ptr<storage::LogStore> logs_;
};

// Both of one moment: nothing that the table names is missing in the logs, and no log is gone that
// it names.
Task<Result<void>> back_up(Machine& machine, sqlite::BackupTable& table,
                           segment::SegmentStore& logs, std::string to) {
    auto snapshot = std::make_shared<std::unique_ptr<segment::Snapshot>>();
    MILL_CO_CHECK(machine::make_directories_durably(machine.files, to));
    MILL_CO_CHECK(co_await table.backup(to + "/table.db",
                                        [snapshot, &logs] { *snapshot = logs.snapshot(); }));
    co_return co_await (*snapshot)->copy_to(to + "/log");
}

Task<void> settle(Machine& machine, sqlite::BackupTable& table, segment::SegmentStore& logs) {
    co_await logs.settle();
    if (const auto settled = co_await table.settle(); !settled)
        machine.log.warning("storage.not_settled", {{"error", settled.error().message}});
}

}  // namespace

Result<storage::Engine> open_engine(Machine& machine, const std::string& directory, bool sync,
                                    std::uint64_t segment_bytes) {
    if (directory.empty()) return memory::make_engine(machine);
    const bool is_new = !machine.files.exists(directory);
    MILL_CHECK(machine::make_directories_durably(machine.files, directory));
    if (is_new) MILL_CHECK(machine.files.set_mode(directory, 0700));
    MILL_TRY(auto lock, machine.files.lock(directory + "/lock"));
    segment::Options segments{.sync = sync};
    if (segment_bytes > 0) segments.segment_bytes = segment_bytes;
    MILL_TRY(auto logs, segment::open_store(machine, directory + "/log", segments));
    MILL_CHECK(expect_table(machine.files, directory, !logs->log_names().empty()));
    MILL_TRY(auto table, sqlite::open_table(machine, directory + "/table.db", {.sync = sync}));
    auto backup = [&machine, &t = *table, &l = *logs](std::string to) {
        return back_up(machine, t, l, std::move(to));
    };
    auto settling = [&machine, &t = *table, &l = *logs] { return settle(machine, t, l); };
    return storage::Engine{
        .logs = std::make_unique<LockedLogStore>(std::move(lock), std::move(logs)),
        .table = std::move(table),
        .durability = sync
                          ? "synced: on this disk after fdatasync"
                          : "os: with the operating system; a power loss may lose the last seconds",
        .backup = std::move(backup),
        .settle = std::move(settling)};
}

}  // namespace mill::app
