// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/database.h"

#include <fmt/format.h>

#include <charconv>

#include "engines/sqlite/log_check.h"

namespace mill::sqlite {
namespace {

constexpr int format_version = 1;
// A transaction for the sake of its place in the write-ahead log.
constexpr const char* mark = "UPDATE marks SET count = count + 1";

std::uint32_t entry_crc(std::string_view key, BytesView value) {
    return crc32c(value, crc32c(key));
}

Result<void> bind_bytes(sqlite3_stmt* statement, int index, BytesView bytes) {
    // An empty view may have no address, which SQLite would take for NULL.
    const char* data = bytes.empty() ? "" : bytes.data();
    if (sqlite3_bind_blob64(statement, index, data, bytes.size(), SQLITE_STATIC) == SQLITE_OK)
        return {};
    return fail("storage.invalid",
                fmt::format("an entry of {} bytes is too large for the table", bytes.size()));
}

BytesView column(sqlite3_stmt* statement, int index) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, index));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement, index))};
}

// Of the database's write-ahead log.
Result<void> expect_whole(machine::Files& files, const std::string& path, BytesView log) {
    MILL_TRY(const bool is_synced, is_log_synced(files, path));
    return is_synced ? check_log(log, path + "-wal") : Result<void>{};
}

// A crash of the program, not of the machine, leaves files that were written but not synced yet, or
// whose sync failed: what was not written then is read, and no longer written by anyone. From here
// on readers see what is in them. (The database itself is written again by the checkpoint.)
Result<void> make_durable(machine::Files& files, const std::string& path) {
    for (const std::string_view ending : {"", "-wal", "-journal"}) {
        const std::string name = path + std::string(ending);
        if (!files.exists(name)) continue;
        MILL_TRY(auto file, files.open(name, machine::Open::write));
        if (!ending.empty()) {
            MILL_TRY(const Bytes bytes, machine::read_file(files, name));
            if (ending == "-wal") MILL_CHECK(expect_whole(files, path, bytes));
            // A head that tore: SQLite reads nothing of such a log, but would take over its salt,
            // and what follows the new commits would look like their continuation.
            if (ending == "-wal" && !has_head(bytes)) {
                MILL_CHECK(file->truncate(0));
            } else {
                MILL_CHECK(file->write_at(0, bytes));
            }
        }
        MILL_CHECK(file->sync());
    }
    return files.sync_directory(machine::parent_directory(path));
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(machine::Files& files, std::string path, bool sync,
                                                 std::uint64_t random_seed) {
    const bool is_there = files.exists(path) || files.exists(path + "-wal");
    MILL_CHECK(is_there ? make_durable(files, path) : make(files, path, sync, random_seed));
    std::unique_ptr<Database> database(new Database(files, std::move(path), random_seed));
    MILL_CHECK(database->connect(sync));
    MILL_CHECK(database->prepare_schema());
    MILL_CHECK(database->note_sync(sync));
    if (is_there) MILL_CHECK(database->renew_log());
    MILL_TRY(
        database->put_,
        database->prepare("INSERT OR REPLACE INTO entries(key, value, crc) VALUES (?1, ?2, ?3)"));
    MILL_TRY(database->erase_, database->prepare("DELETE FROM entries WHERE key = ?1"));
    return database;
}

// Under its own name there is only a whole one. Its parts need no sync of their own on the way
// there, which is a third of the time that a first start takes.
Result<void> Database::make(machine::Files& files, const std::string& path, bool sync,
                            std::uint64_t random_seed) {
    const std::string unfinished = path + ".new";
    const std::string log = unfinished + "-wal";
    for (const std::string& left : {unfinished, log, unfinished + "-journal"}) {
        if (files.exists(left)) MILL_CHECK(files.remove(left));
    }
    {
        Database database(files, unfinished, random_seed);
        MILL_CHECK(database.connect(false));
        MILL_CHECK(database.prepare_schema());
        MILL_CHECK(database.note_sync(sync));
        MILL_CHECK(database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    MILL_CHECK(files.remove(log));
    MILL_TRY(auto file, files.open(unfinished, machine::Open::write));
    MILL_CHECK(file->sync());
    MILL_CHECK(files.rename(unfinished, path));
    return files.sync_directory(machine::parent_directory(path));
}

Database::~Database() {
    put_.reset();
    erase_.reset();
    sqlite3_close(connection_);
}

Result<void> Database::connect(bool sync) {
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (const int code = sqlite3_open_v2(path_.c_str(), &connection_, flags, vfs_.name()))
        return failure(code);
    sqlite3_extended_result_codes(connection_, 1);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    MILL_CHECK(
        run("PRAGMA locking_mode = EXCLUSIVE"));  // before WAL: then it needs no shared memory
    MILL_CHECK(run("PRAGMA temp_store = MEMORY"));
    MILL_CHECK(run(sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF"));
    return run("PRAGMA journal_mode = WAL");
}

Result<void> Database::prepare_schema() {
    MILL_TRY(const std::string text, query_text("PRAGMA user_version"));
    int version = 0;
    std::from_chars(text.data(), text.data() + text.size(), version);
    if (version > format_version) {
        return fail("storage.newer_format",
                    fmt::format("{} has format version {}, this Millrace reads up to {}: it was "
                                "written by a newer one",
                                path_, version, format_version));
    }
    if (version == 0) {
        return run(
            "BEGIN IMMEDIATE;"
            "CREATE TABLE entries(key BLOB PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL) "
            "WITHOUT ROWID;"
            "CREATE TABLE marks(id INTEGER PRIMARY KEY, count INTEGER NOT NULL);"
            "INSERT INTO marks VALUES (1, 0);"
            "PRAGMA user_version = 1;"
            "COMMIT");
    }
    return check_pages();
}

Result<void> Database::check_pages() {
    MILL_TRY(const std::string verdict, query_text("PRAGMA quick_check(1)"));
    if (verdict != "ok") return fail("storage.corrupt", fmt::format("{}: {}", path_, verdict));
    return {};
}

// Noted in the table's file before the log that it is about begins.
Result<void> Database::note_sync(bool sync) {
    const std::string id = std::to_string(sync ? 0 : application_id_unsynced);
    MILL_TRY(const std::string noted, query_text("PRAGMA application_id"));
    if (noted == id) return {};
    MILL_CHECK(run(("PRAGMA application_id = " + id).c_str()));
    MILL_CHECK(run("PRAGMA wal_checkpoint(RESTART)"));
    MILL_TRY(auto file, files_.open(path_, machine::Open::write));
    return file->sync();
}

Result<std::unique_ptr<Database>> Database::open_to_read(machine::Files& files, std::string path) {
    if (files.exists(path + "-wal")) {
        MILL_TRY(const Bytes log, machine::read_file(files, path + "-wal"));
        MILL_CHECK(expect_whole(files, path, log));
    }
    std::unique_ptr<Database> database(new Database(files, std::move(path), 0));
    Database& db = *database;
    constexpr int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (const int code = sqlite3_open_v2(db.path_.c_str(), &db.connection_, flags, db.vfs_.name()))
        return db.failure(code);
    sqlite3_extended_result_codes(db.connection_, 1);
    sqlite3_db_config(db.connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    MILL_CHECK(db.run("PRAGMA locking_mode = EXCLUSIVE"));
    MILL_CHECK(db.check_pages());
    return database;
}

// https://www.sqlite.org/backup.html
Result<void> Database::backup(const std::string& to) {
    sqlite3* target = nullptr;
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(to.c_str(), &target, flags, vfs_.name());
    if (code == SQLITE_OK) {
        code = sqlite3_exec(target, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL",
                            nullptr, nullptr, nullptr);
    }
    if (code == SQLITE_OK) {
        sqlite3_backup* copy = sqlite3_backup_init(target, "main", connection_, "main");
        if (copy) sqlite3_backup_step(copy, -1);
        code = copy ? sqlite3_backup_finish(copy) : sqlite3_errcode(target);
    }
    sqlite3_close(target);
    if (code != SQLITE_OK) return failure(code);
    MILL_TRY(auto file, files_.open(to, machine::Open::write));
    MILL_CHECK(file->sync());
    return files_.sync_directory(machine::parent_directory(to));
}

Result<void> Database::load(storage::TableMap& into) {
    MILL_TRY(auto select, prepare("SELECT key, value, crc FROM entries"));
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(select.get())) == SQLITE_ROW) {
        const BytesView key = column(select.get(), 0);
        const BytesView value = column(select.get(), 1);
        if (entry_crc(key, value) != sqlite3_column_int64(select.get(), 2)) {
            return fail("storage.corrupt",
                        fmt::format("{}: the entry \"{}\" does not match its CRC", path_, key));
        }
        into.insert(std::string(key), Bytes(value));
    }
    if (code != SQLITE_DONE) return failure(code);
    return {};
}

Result<void> Database::write(std::span<const storage::Table::Commit> commits) {
    if (failed_write_may_remain_) MILL_CHECK(overwrite_failed());
    auto written = write_in_transaction(commits);
    if (written) return {};
    sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr,
                 nullptr);  // fails if SQLite has done so already
    if (auto overwritten = overwrite_failed(); !overwritten) {
        return fail("storage.stopped", fmt::format("{}; and then: {}", written.error().message,
                                                   overwritten.error().message));
    }
    return written;
}

Result<void> Database::write_in_transaction(std::span<const storage::Table::Commit> commits) {
    MILL_CHECK(run("BEGIN IMMEDIATE"));
    for (const storage::Table::Commit& commit : commits) {
        for (const std::string& key : commit.erases) {
            MILL_CHECK(bind_bytes(erase_.get(), 1, key));
            MILL_CHECK(step(erase_.get()));
        }
        for (const storage::Table::Entry& entry : commit.puts) {
            MILL_CHECK(bind_bytes(put_.get(), 1, entry.key));
            MILL_CHECK(bind_bytes(put_.get(), 2, entry.value));
            sqlite3_bind_int64(put_.get(), 3, entry_crc(entry.key, entry.value));
            MILL_CHECK(step(put_.get()));
        }
    }
    return run("COMMIT");
}

// The write-ahead log cannot tell damage from a commit that tore, and what was cut off it would
// bring back old pages; the table's entries carry CRCs. So everything moves from the log to the
// table, and a transaction begins the log with a new salt. (Truncating the log is no such cut: not
// all of it may be gone after a power loss.)
Result<void> Database::renew_log() {
    MILL_CHECK(run("PRAGMA wal_checkpoint(RESTART)"));
    return run(mark);
}

Result<void> Database::settle() {
    if (failed_write_may_remain_) MILL_CHECK(overwrite_failed());
    return renew_log();
}

// A commit that failed in its sync may lie whole in the write-ahead log, where a restart would find
// it. The next transaction begins at the same place of the log and so overwrites it: this one
// exists for that.
Result<void> Database::overwrite_failed() {
    failed_write_may_remain_ = true;
    MILL_CHECK(run(mark));
    failed_write_may_remain_ = false;
    return {};
}

Result<void> Database::run(const char* sql) {
    const int code = sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failure(code);
    return {};
}

Result<Database::Statement> Database::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return failure(code);
    return Statement(statement);
}

Result<std::string> Database::query_text(const char* sql) {
    MILL_TRY(const auto statement, prepare(sql));
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_ROW) return failure(code);
    return std::string(column(statement.get(), 0));
}

Result<void> Database::step(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (code != SQLITE_DONE) return failure(code);
    return {};
}

Failure Database::failure(int code) {
    const int kind = code & 0xff;
    if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) {
        return fail("storage.corrupt", fmt::format("{}: {}", path_, sqlite3_errmsg(connection_)));
    }
    const Error cause = vfs_.take_error();
    if (!cause.code.empty()) return Failure(cause);
    return fail(kind == SQLITE_FULL ? "io.no_space" : "io",
                fmt::format("{}: {}", path_, sqlite3_errmsg(connection_)));
}

}  // namespace mill::sqlite
