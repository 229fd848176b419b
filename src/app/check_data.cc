// SPDX-License-Identifier: Apache-2.0
#include "app/check_data.h"

#include "engines/segment/segment.h"
#include "engines/sqlite/sqlite_table.h"
#include "storage/blob_store.h"

namespace mill::app {
namespace {

class Check {
  public:
    Check(machine::Files& files, const std::string& directory, const cli::Progress& progress)
        : files_(files),
          directory_(directory),
          progress_(progress),
          total_(progress ? machine::tree_bytes(files, directory) : 0) {}

    Result<cli::DataReport> run() {
        MILL_CHECK(check_logs());
        MILL_CHECK(check_table());
        MILL_CHECK(check_blobs(directory_ + objects_directory));
        MILL_CHECK(check_blobs(directory_ + functions_directory + "/blobs"));
        return std::move(report_);
    }

  private:
    Result<void> check_logs() {
        MILL_TRY(const auto logs,
                 segment::check_store(files_, directory_ + "/log",
                                      [this](std::uint64_t bytes) { was_read(bytes); }));
        report_.segments = logs.segments;
        report_.logs = logs.logs;
        report_.records = logs.records;
        for (const segment::Finding& finding : logs.findings)
            report_.findings.push_back({finding.text, finding.logs, finding.is_mended});
        return {};
    }

    Result<void> check_table() {
        const std::string path = directory_ + "/table.db";
        if (const auto there = expect_table(files_, directory_, report_.logs > 0); !there) {
            if (there.error().code != "storage.corrupt") return there;
            report_.findings.push_back({there.error().message, {}, false});
            return {};
        }
        if (!files_.exists(path)) return {};
        const auto entries = sqlite::check_table(files_, path);
        if (entries) {
            report_.entries = *entries;
            return {};
        }
        if (entries.error().code != "storage.corrupt") return Failure(entries.error());
        report_.findings.push_back({entries.error().message, {}, false});
        return {};
    }

    Result<void> check_blobs(const std::string& blobs) {
        if (!files_.exists(blobs)) return {};
        MILL_TRY(const auto entries, files_.list(blobs));
        for (const machine::DirectoryEntry& entry : entries) {
            if (entry.is_directory || entry.name.ends_with(".new")) continue;
            const auto bytes = storage::read_blob(files_, blobs, entry.name);
            if (!bytes && bytes.error().code != "storage.corrupt") return Failure(bytes.error());
            if (!bytes) report_.findings.push_back({bytes.error().message, {}, false});
            if (bytes) was_read(bytes->size());
        }
        return {};
    }

    void was_read(std::uint64_t bytes) {
        read_ += bytes;
        if (progress_) progress_(read_, total_);
    }

    machine::Files& files_;
    const std::string& directory_;
    const cli::Progress& progress_;
    const std::uint64_t total_;
    std::uint64_t read_ = 0;
    cli::DataReport report_;
};

}  // namespace

Result<void> expect_table(machine::Files& files, const std::string& directory, bool has_logs) {
    const std::string path = directory + "/table.db";
    const bool exists = files.exists(path);
    if (!has_logs) return {};
    if (exists) {
        MILL_TRY(const auto file, files.open(path, machine::Open::read));
        MILL_TRY(const std::uint64_t size, file->size());
        if (size > 0) return {};
    }
    return fail("storage.corrupt", path + " at byte 0: the table is " +
                                       (exists ? "empty" : "missing") +
                                       ", and with it what the logs beside it are of");
}

Result<cli::DataReport> check_data(Machine& machine, const std::string& directory,
                                   const cli::Progress& progress) {
    machine::Files& files = machine.files;
    if (!files.exists(directory + "/log"))
        return fail("data.missing", "'" + directory +
                                        "' is no data directory of Millrace and no backup: it has "
                                        "no log/. Name the one that 'millrace serve' printed.");
    std::unique_ptr<machine::File> lock;  // a backup has none, and needs none
    if (files.exists(directory + "/lock")) {
        MILL_TRY(lock, files.lock(directory + "/lock"));
    }
    return Check(files, directory, progress).run();
}

}  // namespace mill::app
