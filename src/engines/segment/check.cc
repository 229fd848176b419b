// SPDX-License-Identifier: Apache-2.0
// check_store: what a start and then reading everything would meet.
#include <algorithm>
#include <set>

#include "engines/segment/index_reader.h"
#include "engines/segment/recovery.h"
#include "engines/segment/scan.h"
#include "engines/segment/segment.h"

namespace mill::segment {
namespace {

class Check {
  public:
    Check(machine::Files& files, const std::string& directory, const Contents& contents)
        : files_(files), directory_(directory), contents_(contents) {}

    Result<CheckReport> run() {
        for (const Head::Sealed& sealed : contents_.catalogue.sealed_segments())
            MILL_CHECK(check_sealed(sealed));
        MILL_CHECK(check_newest());
        for (const auto& [id, log] : contents_.catalogue.logs()) {
            ++report_.logs;
            report_.records += log.next - log.first;
        }
        return std::move(report_);
    }

  private:
    Result<void> check_sealed(const Head::Sealed& sealed) {
        ++report_.segments;
        const std::string index = directory_ + "/" + index_name(sealed.number);
        const auto head = IndexReader::head(files_, index, sealed);
        const auto salt = head ? std::optional(head->salt) : std::nullopt;
        MILL_TRY(const Reindexed made,
                 index_from_entries({files_, directory_, sealed, true, salt}));
        MILL_CHECK(check_index(sealed, made));
        for (const Damage& damage : made.damages) {
            MILL_TRY(auto logs, logs_at(sealed.number, damage.position, damage.end));
            report_.findings.push_back({damage.text(), {logs.begin(), logs.end()}});
        }
        return {};
    }

    Result<void> check_index(const Head::Sealed& sealed, const Reindexed& made) {
        const std::string path = directory_ + "/" + index_name(sealed.number);
        const auto report = [&](const std::string& text) {
            report_.findings.push_back({text, {}, true});
        };
        auto head = IndexReader::head(files_, path, sealed);
        if (!head && head.error().code != index_damaged) return Failure(head.error());
        if (!head) {
            // One that is missing is mostly one that a crash came before.
            if (files_.exists(path) && made.damages.empty()) report(head.error().message);
            return {};
        }
        MILL_TRY(const Bytes bytes, machine::read_file(files_, path));
        std::uint64_t page = 0;
        for (std::uint64_t at = head->bytes; at < bytes.size(); at += index_page_bytes) {
            const auto decoded =
                decode_index_page(BytesView(bytes).substr(at), head->salt, page++, path, at);
            if (!decoded) report(decoded.error().message);
        }
        return {};
    }

    // Names of logs that have a kept batch there.
    Result<std::set<std::string>> logs_at(std::uint64_t segment, std::uint64_t begin,
                                          std::uint64_t end) {
        std::set<std::string> names;
        IndexReader reader(files_, directory_, cache_);
        for (const auto& [id, log] : contents_.catalogue.logs()) {
            for (const Run& run : log.runs) {
                if (run.segment != segment) continue;
                bool is_hit = run.is_lost();
                for (std::uint32_t i = 0; i < run.batches && !is_hit; ++i) {
                    const auto place =
                        reader.place(contents_.catalogue.index(segment), run.first + i);
                    // With its index damaged as well, every log in it may be concerned.
                    if (!place && place.error().code != index_damaged)
                        return Failure(place.error());
                    is_hit = !place || (place->end() > log.first && place->position() < end &&
                                        place->entry_end() > begin);
                }
                if (is_hit) names.insert(log.name);
            }
        }
        return names;
    }

    // Void copies are not among them.
    std::vector<Place> kept_in_newest(const LogState& log) const {
        std::vector<Place> places;
        for (const Run& run : log.runs) {
            if (run.segment != contents_.head.number || run.is_lost()) continue;
            for (std::uint32_t i = 0; i < run.batches; ++i) {
                const Place& place = log.places[run.first + i];
                if (place.end() > log.first) places.push_back(place);
            }
        }
        return places;
    }

    // Its entries are good; whether the payloads are, readers would see.
    Result<void> check_newest() {
        ++report_.segments;
        const std::string path = directory_ + "/" + segment_name(contents_.head.number);
        constexpr std::size_t window_bytes = 1024 * 1024;
        MILL_TRY(auto reader, Reader::open(files_, path, window_bytes));
        for (const auto& [id, log] : contents_.catalogue.logs()) {
            for (const Place& place : kept_in_newest(log)) {
                MILL_TRY(const auto header,
                         entry_at(reader, place.position(), contents_.head.salt));
                const auto payload = reader.payload(*header, place.position());
                if (payload) continue;
                if (payload.error().code != "storage.corrupt") return Failure(payload.error());
                report_.findings.push_back({payload.error().message, {log.name}});
            }
        }
        return {};
    }

    machine::Files& files_;
    const std::string& directory_;
    const Contents& contents_;
    const std::shared_ptr<IndexCache> cache_ = std::make_shared<IndexCache>(1024);
    CheckReport report_;
};

}  // namespace

Result<CheckReport> check_store(machine::Files& files, const std::string& directory) {
    auto contents = read_contents(files, directory);
    if (!contents && contents.error().code == "storage.corrupt") {
        CheckReport report;
        report.findings.push_back({contents.error().message + "; the store cannot be opened", {}});
        return report;
    }
    if (!contents) return Failure(contents.error());
    if (contents->head.number == 0) return CheckReport();
    return Check(files, directory, *contents).run();
}

}  // namespace mill::segment
