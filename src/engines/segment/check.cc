// SPDX-License-Identifier: Apache-2.0
// check_store: what a start and then reading everything would meet, in the words of the server.
#include <algorithm>

#include "engines/segment/index_reader.h"
#include "engines/segment/lookup.h"
#include "engines/segment/recovery.h"
#include "engines/segment/scan.h"
#include "engines/segment/segment.h"

namespace mill::segment {
namespace {

constexpr std::size_t places_at_once = 1024;
constexpr std::uint64_t bytes_at_once = 1024 * 1024;

class Check {
  public:
    Check(machine::Files& files, const std::string& directory, Contents& contents,
          const std::function<void(std::uint64_t)>& was_read)
        : files_(files),
          directory_(directory),
          catalogue_(contents.catalogue),
          was_read_(was_read),
          newest_(contents.is_over_damage ? contents.head.number - 1 : contents.head.number) {
        if (!contents.is_over_damage) ++report_.segments;
    }

    Result<CheckReport> run() {
        for (const Head::Sealed& sealed : catalogue_.sealed_segments()) {
            MILL_CHECK(check_sealed(sealed));
            if (was_read_) was_read_(sealed.end);
        }
        MILL_CHECK(check_mark());
        for (const auto& [id, log] : catalogue_.logs()) MILL_CHECK(check_log(id, log));
        if (const std::uint32_t by = catalogue_.names_lost_by())
            find(catalogue_.damage(by).text() +
                 "; names of logs may be lost, it takes no new ones");
        for (const Damage& damage : damages_) {
            const std::string text = damage.text();
            const bool is_told = std::ranges::any_of(report_.findings, [&](const Finding& finding) {
                return finding.text.starts_with(text);
            });
            if (!is_told) find(text);
        }
        return std::move(report_);
    }

  private:
    Finding& find(const std::string& text) {
        const auto found = std::ranges::find(report_.findings, text, &Finding::text);
        if (found != report_.findings.end()) return *found;
        return report_.findings.emplace_back(Finding{.text = text});
    }

    void find(const std::string& text, const std::string& log) {
        Finding& finding = find(text);
        if (std::ranges::find(finding.logs, log) == finding.logs.end()) finding.logs.push_back(log);
    }

    Result<void> check_sealed(const Head::Sealed& sealed) {
        ++report_.segments;
        MILL_TRY(const Reindexed made, index_from_entries({files_, directory_, sealed, true,
                                                           catalogue_.salt(sealed.number)}));
        damages_.insert(damages_.end(), made.damages.begin(), made.damages.end());
        MILL_TRY(const bool is_damaged, check_index(sealed, made));
        if (is_damaged && made.damages.empty())
            std::ignore = catalogue_.replace_index(made.head, made.bytes);
        return {};
    }

    // True if it has damaged pages.
    Result<bool> check_index(const Head::Sealed& sealed, const Reindexed& made) {
        const std::string path = directory_ + "/" + index_name(sealed.number);
        auto head = IndexReader::head(files_, path, sealed);
        if (!head && head.error().code != index_damaged) return Failure(head.error());
        if (!head) {
            // One that is missing is mostly one that a crash came before.
            if (files_.exists(path) && made.damages.empty())
                find(head.error().message).is_mended = true;
            return false;
        }
        MILL_TRY(const Bytes bytes, machine::read_file(files_, path));
        bool is_damaged = false;
        std::uint64_t page = 0;
        for (std::uint64_t at = head->bytes; at < bytes.size(); at += index_page_bytes) {
            const auto decoded =
                decode_index_page(BytesView(bytes).substr(at), head->salt, page++, path, at);
            if (decoded) continue;
            find(decoded.error().message).is_mended = true;
            is_damaged = true;
        }
        return is_damaged;
    }

    // One that is missing or empty is mostly one that a crash came before.
    Result<void> check_mark() {
        const std::string path = directory_ + "/" + mark_name(newest_);
        if (!files_.exists(path)) return {};
        MILL_TRY(const auto mark, read_mark(files_, directory_, newest_));
        MILL_TRY(const Bytes bytes, machine::read_file(files_, path));
        if (!mark && !bytes.empty()) find(path + " at byte 0: it is damaged").is_mended = true;
        return {};
    }

    Result<void> check_log(std::uint64_t id, const LogState& log) {
        ++report_.logs;
        report_.records += log.next - log.first;
        for (const Run& run : log.runs) {
            if (run.is_lost()) {
                find(catalogue_.loss_text(log, run), log.name);
            } else {
                MILL_CHECK(check_run(id, log, run));
            }
        }
        if (log.stopped_by != 0) find(catalogue_.stop_text(log.name, log.stopped_by), log.name);
        return {};
    }

    // Reads it as the server would; what cannot be read is passed over.
    Result<void> check_run(std::uint64_t id, const LogState& log, const Run& run) {
        for (Offset at = std::max(run.base, log.first); at < run.end;) {
            Lookup lookup{.files = files_, .directory = directory_, .cache = cache_, .log = id};
            lookup.pieces.push_back(piece(log, run, at));
            const auto batches = read_batches(lookup, at, {.records = ~0u, .bytes = bytes_at_once});
            if (batches) {
                at = batches->back().end();
                continue;
            }
            if (batches.error().code == index_damaged) {
                find(damage_in(run.segment), log.name);
                return {};
            }
            if (batches.error().code != "storage.corrupt") return Failure(batches.error());
            find(batches.error().message, log.name);
            ++at;
        }
        return {};
    }

    Piece piece(const LogState& log, const Run& run, Offset from) const {
        Piece piece{.run = run, .is_newest = run.segment == catalogue_.newest_segment()};
        piece.index = catalogue_.index(run.segment);
        if (!piece.is_newest) return piece;
        const auto places = std::span(log.places).subspan(run.first, run.batches);
        auto place = std::ranges::upper_bound(places, from, {}, &Place::end);
        for (; place != places.end() && piece.places.size() < places_at_once; ++place)
            piece.places.push_back(*place);
        return piece;
    }

    // With its index damaged as well, every log in it is concerned.
    std::string damage_in(std::uint64_t segment) const {
        const std::string path = directory_ + "/" + segment_name(segment);
        const auto found = std::ranges::find(damages_, path, &Damage::file);
        return found != damages_.end() ? found->text()
                                       : corrupt(path, 0, "it lacks batches").error().message;
    }

    machine::Files& files_;
    const std::string& directory_;
    Catalogue& catalogue_;
    const std::function<void(std::uint64_t)>& was_read_;
    const std::uint64_t newest_;
    const std::shared_ptr<IndexCache> cache_ = std::make_shared<IndexCache>(1024);
    std::vector<Damage> damages_;
    CheckReport report_;
};

}  // namespace

Result<CheckReport> check_store(machine::Files& files, const std::string& directory,
                                const std::function<void(std::uint64_t)>& was_read) {
    auto contents = read_contents(files, directory);
    if (!contents && contents.error().code == "storage.corrupt") {
        CheckReport report;
        report.findings.push_back({contents.error().message + "; the store cannot be opened", {}});
        return report;
    }
    if (!contents) return Failure(contents.error());
    if (contents->head.number == 0) return CheckReport();
    return Check(files, directory, *contents, was_read).run();
}

}  // namespace mill::segment
