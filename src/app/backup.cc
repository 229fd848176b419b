// SPDX-License-Identifier: Apache-2.0
#include "app/backup.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/check_data.h"
#include "app/mill.h"
#include "wire/value.h"

namespace mill::app {
namespace {

constexpr std::int64_t backup_version = 1;
constexpr const char* marker = "/backup.json";
// There while a backup is made: two at once into one directory would spoil each other.
constexpr const char* claim = "/backup.incomplete";
constexpr std::size_t chunk_bytes = 1024 * 1024;

Failure not_empty(machine::Files& files, const std::string& path) {
    const bool is_cut_off = files.exists(path + claim) && !files.exists(path + marker);
    return fail("backup.not_empty",
                "'" + path + "' is not empty" +
                    (is_cut_off ? ": a copy is being made there, or was cut off. Remove it if none "
                                  "is running, or name"
                                : ". Name") +
                    " a directory that does not exist yet.");
}

// Makes a directory to copy into, or takes one that is empty.
Result<void> claim_directory(machine::Files& files, const std::string& path) {
    MILL_CHECK(machine::make_directories_durably(files, path));
    auto claimed = files.open(path + claim, machine::Open::create_new);
    if (!claimed && claimed.error().code == "io.exists") return not_empty(files, path);
    if (!claimed) return Failure(std::move(claimed).error());
    MILL_TRY(const auto entries, files.list(path));
    if (entries.size() == 1) return files.set_mode(path, 0700);
    MILL_CHECK(files.remove(path + claim));
    return not_empty(files, path);
}

Result<void> give_up_claim(machine::Files& files, const std::string& path) {
    MILL_CHECK(files.remove(path + claim));
    return files.sync_directory(path);
}

// Of what was claimed, after a failure. The failure is the news; what could not be removed the next
// attempt names.
Result<void> cleared(machine::Files& files, const std::string& path, Result<void> result) {
    if (result) return result;
    // First what says that it is whole: a crash in the middle must not leave that behind.
    if (files.exists(path + marker) &&
        (!files.remove(path + marker) || !files.sync_directory(path)))
        return result;
    if (const auto removed = files.remove_tree(path); !removed) return result;
    return result;
}

// Copies files and syncs each.
class TreeCopy {
  public:
    TreeCopy(machine::Files& files, const cli::Progress& progress, std::uint64_t done,
             std::uint64_t total)
        : files_(files), progress_(progress), done_(done), total_(total) {}

    // Everything below `from`, but for `except` at its top, files that a writer has not finished,
    // other backups, and files that go away meanwhile.
    Result<void> copy(const std::string& from, const std::string& to,
                      const std::vector<std::string>& except) {
        MILL_CHECK(files_.make_directories(to));
        MILL_TRY(const auto entries, files_.list(from));
        for (const machine::DirectoryEntry& entry : entries) {
            const std::string source = from + "/" + entry.name;
            const std::string target = to + "/" + entry.name;
            if (entry.name.ends_with(".new") || entry.name.ends_with(".free") ||
                std::ranges::find(except, entry.name) != except.end())
                continue;
            const auto copied = entry.is_directory ? copy_below(source, target, except, entry.name)
                                                   : copy_file(source, target);
            if (!copied && copied.error().code != "io.not_found") return copied;
        }
        return files_.sync_directory(to);
    }

  private:
    // "lambda/code" among the exceptions is "code" for the directory "lambda".
    Result<void> copy_below(const std::string& from, const std::string& to,
                            const std::vector<std::string>& except, const std::string& name) {
        if (files_.exists(from + marker) || files_.exists(from + claim)) return {};
        std::vector<std::string> except_below;
        for (const std::string& exception : except) {
            if (exception.starts_with(name + "/"))
                except_below.push_back(exception.substr(name.size() + 1));
        }
        return copy(from, to, except_below);
    }

    Result<void> copy_file(const std::string& from, const std::string& to) {
        MILL_TRY(auto source, files_.open(from, machine::Open::read));
        MILL_TRY(auto target, files_.open(to, machine::Open::create_new));
        Bytes bytes(chunk_bytes, '\0');
        for (std::uint64_t at = 0;; at += chunk_bytes) {
            MILL_TRY(const std::size_t count, source->read_at(at, bytes.data(), bytes.size()));
            MILL_CHECK(target->write_at(at, BytesView(bytes).substr(0, count)));
            done_ += count;
            if (progress_) progress_(done_, total_);
            if (count < bytes.size()) break;
        }
        return target->sync();
    }

    machine::Files& files_;
    const cli::Progress& progress_;
    std::uint64_t done_;
    const std::uint64_t total_;
};

// Made again by each start, and of no use to another server; in scratch/ functions leave what they
// like.
const std::vector<std::string> derived = {"lock", "lambda/code", "lambda/scratch"};

std::vector<std::string> beside(std::initializer_list<const char*> more) {
    std::vector<std::string> all = derived;
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

Result<void> expect_outside(const std::string& directory, const std::string& to) {
    if (!to.starts_with('/'))
        return fail("backup.relative", "Name an absolute path, not '" + to + "'.");
    if (!(to + "/").starts_with(directory + "/")) return {};
    return fail("backup.inside", "'" + to + "' lies in the data directory '" + directory +
                                     "', and what happens to that would happen to the backup. Name "
                                     "a directory elsewhere, best on another disk.");
}

// The copy is whole once this is there.
Result<void> mark_whole(Machine& machine, const std::string& to) {
    wire::Value document = wire::Value::map();
    document["version"] = backup_version;
    document["made_by"] = "millrace " + version();
    document["made_at"] = iso8601_ms(machine.clock.wall());
    return machine::write_file_durably(machine.files, to + marker, write_json(document) + "\n");
}

Result<void> expect_backup(machine::Files& files, const std::string& from) {
    if (!files.exists(from + marker)) {
        return fail("backup.missing", "'" + from +
                                          "' is no backup, or one that was cut off: it has no "
                                          "backup.json. Make another one with 'millrace backup'.");
    }
    MILL_TRY(const Bytes text, machine::read_file(files, from + marker));
    const auto document = wire::parse_json(text);
    const auto* made = document ? document->find("version") : nullptr;
    if (!made || !made->integer())
        return fail("storage.corrupt", from + marker + " at byte 0: it names no version");
    if (*made->integer() > backup_version) {
        return fail(
            "storage.newer_format",
            fmt::format("{}{} has version {}, this Millrace reads up to {}: restore it with "
                        "the one that made it, {}",
                        from, marker, *made->integer(), backup_version,
                        wire::text_of(*document, "made_by", "a newer one")));
    }
    return {};
}

// A part of what progress shows is the check, the other part the copy.
Result<void> expect_sound(Machine& machine, const std::string& from,
                          const cli::Progress& progress) {
    const cli::Progress half = [&](std::uint64_t done, std::uint64_t total) {
        if (progress) progress(done, 2 * total);
    };
    MILL_TRY(const cli::DataReport report, check_data(machine, from, half));
    for (const cli::DataFinding& finding : report.findings) {
        if (!finding.is_mended)
            return fail("storage.corrupt", finding.text +
                                               ". The backup is damaged and was not restored: "
                                               "'millrace fsck " +
                                               from + "' lists all of it. Use another backup.");
    }
    return {};
}

Result<void> expect_free(machine::Files& files, const std::string& directory,
                         const std::string& unfinished) {
    if (files.exists(directory)) {
        MILL_TRY(const auto entries, files.list(directory));
        if (!entries.empty())
            return fail("backup.not_empty", "'" + directory +
                                                "' is not empty, and a restore replaces nothing. "
                                                "Move it away, or name another directory.");
    }
    if (!files.exists(unfinished)) return {};
    return fail("backup.not_empty", "'" + unfinished +
                                        "' is there: a restore is running, or was cut off. Remove "
                                        "it if none is running.");
}

Result<void> copy_closed(Machine& machine, const std::string& directory, const std::string& to,
                         const cli::Progress& progress) {
    const std::uint64_t total = progress ? machine::tree_bytes(machine.files, directory) : 0;
    MILL_CHECK(TreeCopy(machine.files, progress, 0, total).copy(directory, to, derived));
    MILL_CHECK(mark_whole(machine, to));
    return give_up_claim(machine.files, to);
}

// Beside the engine's files: nothing of it is ever written over, and while a server runs nothing
// removed.
Result<void> copy_rest(Machine& machine, const std::string& directory, const std::string& to) {
    const cli::Progress silent;
    MILL_CHECK(
        TreeCopy(machine.files, silent, 0, 0)
            .copy(directory, to, beside({"log", "table.db", "table.db-wal", "table.db-journal"})));
    MILL_CHECK(mark_whole(machine, to));
    return give_up_claim(machine.files, to);
}

Result<void> copy_back(Machine& machine, const std::string& from, const std::string& unfinished,
                       const std::string& directory, const cli::Progress& progress) {
    machine::Files& files = machine.files;
    const std::uint64_t bytes = progress ? machine::tree_bytes(files, from) : 0;
    MILL_CHECK(TreeCopy(files, progress, bytes, 2 * bytes)
                   .copy(from, unfinished, beside({"backup.json", "backup.incomplete"})));
    MILL_CHECK(give_up_claim(files, unfinished));
    return files.rename(unfinished, directory);  // fails if it is no longer empty
}

}  // namespace

Task<Result<void>> back_up_running(Machine& machine, const storage::Engine& engine,
                                   std::string directory, std::string to) {
    if (!engine.backup) {
        co_return fail("backup.impossible",
                       "This server keeps its data in memory (--ephemeral): there is nothing to "
                       "copy.");
    }
    MILL_CO_CHECK(expect_outside(directory, to));
    MILL_CO_CHECK(claim_directory(machine.files, to));
    auto result = std::make_shared<Result<void>>(co_await engine.backup(to));
    co_await machine::offload(machine.executor, [result, directory, to, &machine] {
        if (*result) *result = copy_rest(machine, directory, to);
        *result = cleared(machine.files, to, std::move(*result));
    });
    co_return *result;
}

Result<void> back_up_closed(Machine& machine, const std::string& directory, const std::string& to,
                            const cli::Progress& progress) {
    machine::Files& files = machine.files;
    if (!files.exists(directory + "/log"))
        return fail("data.missing", "'" + directory +
                                        "' is no data directory of Millrace: it has no log/. Name "
                                        "the one that 'millrace serve' printed with --data DIR.");
    MILL_TRY(const auto lock, files.lock(directory + "/lock"));
    MILL_CHECK(expect_outside(directory, to));
    MILL_CHECK(claim_directory(files, to));
    return cleared(files, to, copy_closed(machine, directory, to, progress));
}

Result<void> restore(Machine& machine, const std::string& from, const std::string& directory,
                     const cli::Progress& progress) {
    machine::Files& files = machine.files;
    const std::string unfinished = directory + ".restoring";
    MILL_CHECK(expect_backup(files, from));
    MILL_CHECK(expect_free(files, directory, unfinished));
    MILL_CHECK(expect_sound(machine, from, progress));
    // A server that starts meanwhile must not find the half of it.
    MILL_CHECK(claim_directory(files, unfinished));
    MILL_CHECK(
        cleared(files, unfinished, copy_back(machine, from, unfinished, directory, progress)));
    return files.sync_directory(machine::parent_directory(directory));
}

}  // namespace mill::app
