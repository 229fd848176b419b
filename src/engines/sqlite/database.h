// SPDX-License-Identifier: Apache-2.0
// Database: the SQLite file behind a table (docs/formats/table.md). Blocks: used at the start, then
// inside offload by one commit at a time. Destroying it is a crash: nothing is flushed or
// checkpointed.
#pragma once

#include <span>

#include "engines/sqlite/vfs.h"
#include "storage/table_map.h"

namespace mill::sqlite {

class Database {
  public:
    // Makes it if missing. "storage.corrupt", "storage.newer_format", or an "io" code.
    static Result<std::unique_ptr<Database>> open(machine::Files& files, std::string path,
                                                  bool sync, std::uint64_t random_seed);
    // For load() alone; changes nothing.
    static Result<std::unique_ptr<Database>> open_to_read(machine::Files& files, std::string path);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Result<void> load(storage::TableMap& into);
    // All of them in one transaction. After a failure none of them is there, now or after a crash;
    // if even that could not be made sure the code is "storage.stopped" and the next write settles
    // it first.
    Result<void> write(std::span<const storage::Table::Commit> commits);

    // Writes what is committed to a new database; durable when it returns.
    Result<void> backup(const std::string& to);
    // Everything moves from the write-ahead log, in which not all damage is noticed, to the table.
    Result<void> settle();

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

    Database(machine::Files& files, std::string path, std::uint64_t random_seed)
        : files_(files), path_(std::move(path)), vfs_(files, random_seed) {}

    static Result<void> make(machine::Files& files, const std::string& path, bool sync,
                             std::uint64_t random_seed);
    Result<void> connect(bool sync);
    Result<void> prepare_schema();
    Result<void> note_sync(bool sync);
    Result<void> renew_log();
    Result<void> run(const char* sql);
    Result<Statement> prepare(const char* sql);
    Result<std::string> query_text(const char* sql);
    Result<void> step(sqlite3_stmt* statement);
    Result<void> write_in_transaction(std::span<const storage::Table::Commit> commits);
    Result<void> overwrite_failed();
    Failure failure(int code);

    Result<void> check_pages();

    machine::Files& files_;
    std::string path_;
    Vfs vfs_;
    sqlite3* connection_ = nullptr;
    Statement put_;
    Statement erase_;
    bool failed_write_may_remain_ = false;
};

}  // namespace mill::sqlite
