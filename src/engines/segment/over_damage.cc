// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/over_damage.h"

#include <algorithm>
#include <map>
#include <set>

#include "engines/segment/scan.h"

namespace mill::segment {
namespace {

constexpr std::size_t window_bytes = 1024 * 1024;
// Far more ids than the declarations that may be lost had.
constexpr std::uint64_t log_ids_skipped = 1ull << 20;

struct Found {
    EntryHeader header;
    std::uint64_t position = 0;
    Bytes name;                 // of a declaration
    bool is_after_gap = false;  // before it something is lost that the mark does not know of
};

struct Walked {
    std::vector<Found> entries;
    std::uint64_t end = 0;
    std::uint32_t last_crc = 0;
    bool ends_in_gap = false;
};

// Goes from the head to the end, over damage.
class Walk {
  public:
    Walk(Reader& reader, std::uint32_t salt, const std::optional<Mark>& mark, bool grows)
        : reader_(reader), salt_(salt), mark_(mark), grows_(grows) {}

    Result<Walked> run(std::uint64_t begin, std::optional<std::uint32_t> chained_to) {
        chained_to_ = chained_to;
        walked_.end = begin;
        gap_ = !chained_to && begin > durable_end();
        bool goes_on = true;
        while (goes_on) {
            MILL_TRY(const bool is_good, take_entry());
            if (is_good) continue;
            MILL_TRY(goes_on, pass_over());
        }
        MILL_CHECK(cut_torn());
        return std::move(walked_);
    }

  private:
    std::uint64_t durable_end() const { return mark_ ? mark_->end : 0; }

    Result<bool> take_entry() {
        MILL_TRY(const auto header, entry_at(reader_, walked_.end, salt_));
        if (!header || (chained_to_ && header->previous != *chained_to_)) return false;
        Found found{.header = *header, .position = walked_.end};
        if (header->kind == EntryKind::declare) {
            const auto name = reader_.payload(*header, walked_.end);
            if (!name && name.error().code != "storage.corrupt") return Failure(name.error());
            if (!name) return false;
            found.name = Bytes(*name);
        }
        found.is_after_gap = std::exchange(gap_, false);
        walked_.entries.push_back(std::move(found));
        walked_.end += header->whole_bytes();
        walked_.last_crc = header->crc;
        chained_to_ = header->crc;
        return true;
    }

    // What stands at the end of what was taken is no entry. False if nothing follows.
    Result<bool> pass_over() {
        const std::uint64_t bad = walked_.end;
        MILL_TRY(const bool is_cut, is_cut_off(bad));
        MILL_TRY(const bool was_durable, is_before_later_commit(bad));
        if (!was_durable && !is_cut && bad >= durable_end()) return false;
        MILL_TRY(const std::uint64_t next,
                 next_entry(reader_, bad + entry_alignment, reader_.size(), salt_));
        if (next < reader_.size()) {
            gap_ = gap_ || next > durable_end();
            walked_.end = next;
            chained_to_ = std::nullopt;
            return true;
        }
        const bool is_known = std::min(bad, reader_.size()) < durable_end();
        walked_.ends_in_gap = gap_ || !is_known;
        walked_.end =
            is_known ? durable_end() : aligned(std::max(bad, reader_.size())) + entry_alignment;
        walked_.last_crc = is_known ? mark_->last_crc : 0;
        return false;
    }

    // Behind the last entry there is always a part of the file, all zeros.
    Result<bool> is_cut_off(std::uint64_t position) {
        if (grows_ || position + EntryHeader::bytes <= reader_.size()) return false;
        if (position >= reader_.size()) return true;
        MILL_TRY(const BytesView rest, reader_.at(position, EntryHeader::bytes));
        return rest.find_first_not_of('\0') != BytesView::npos;
    }

    // An entry that was written after everything before it had become durable.
    Result<bool> is_before_later_commit(std::uint64_t position) {
        std::uint64_t at = position;
        while (true) {
            MILL_TRY(at, next_entry(reader_, at, reader_.size(), salt_));
            if (at >= reader_.size()) return false;
            MILL_TRY(const auto header, entry_at(reader_, at, salt_));
            if (header->group > position) return true;
            at += entry_alignment;
        }
    }

    // The last commit may be torn, as in read_tail, where the mark knows nothing of it.
    Result<void> cut_torn() {
        auto& entries = walked_.entries;
        if (entries.empty() || walked_.ends_in_gap) return {};
        const std::uint64_t group = entries.back().header.group;
        const auto is_of_last = [&](const Found& found) {
            return found.header.group == group && found.position >= durable_end();
        };
        for (auto at = std::ranges::find_if(entries, is_of_last); at != entries.end(); ++at) {
            const auto payload = reader_.payload(at->header, at->position);
            if (payload) continue;
            if (payload.error().code != "storage.corrupt") return Failure(payload.error());
            walked_.end = at->position;
            walked_.last_crc = at->header.previous;
            entries.erase(at, entries.end());
            return {};
        }
        return {};
    }

    Reader& reader_;
    const std::uint32_t salt_;
    const std::optional<Mark>& mark_;
    const bool grows_;  // version 1: the file ends where its entries end
    std::optional<std::uint32_t> chained_to_;
    bool gap_ = false;
    Walked walked_;
};

// What a head says, brought on by entries some of which may be missing.
class State {
  public:
    State(Head head, std::uint64_t segment) : head_(std::move(head)), segment_(segment) {
        for (Head::Log& log : head_.logs) logs_[log.id] = std::move(log);
    }

    void lose_track() {
        for (const auto& [id, log] : logs_) unsure_.insert(id);
        lose_names();
    }

    void apply(const Found& found) {
        const EntryHeader& header = found.header;
        if (found.is_after_gap) lose_track();
        ids_end_ = std::max(ids_end_, header.log + 1);
        const auto log = logs_.find(header.log);
        switch (header.kind) {
            case EntryKind::declare:
                std::erase_if(logs_, [&](const auto& e) { return e.second.name == found.name; });
                logs_[header.log] = {.id = header.log, .name = found.name};
                return;
            case EntryKind::drop:
                logs_.erase(header.log);
                return;
            case EntryKind::remove_segment:
                std::erase_if(head_.segments,
                              [&](const Head::Sealed& s) { return s.number == header.base; });
                return;
            case EntryKind::batch:
                if (log == logs_.end()) return lose_names();
                log->second.next = std::max(log->second.next, header.base + header.records);
                log->second.last_arrival = std::max(log->second.last_arrival, header.last_arrival);
                unsure_.erase(header.log);
                return;
            case EntryKind::trim:
                if (log == logs_.end()) return;
                log->second.first = std::max(log->second.first, header.base);
                log->second.next = std::max(log->second.next, header.base);
                return;
            case EntryKind::moved:
                return;
        }
    }

    Head finish(const Walked& walked, std::uint32_t salt) {
        if (walked.ends_in_gap) lose_track();
        head_.number = segment_ + 1;
        head_.salt = salt + 1;
        std::erase_if(head_.segments, [&](const Head::Sealed& s) { return s.number == segment_; });
        head_.segments.push_back({segment_, walked.end, walked.last_crc});
        head_.next_log_id = std::max(head_.next_log_id, ids_end_);
        if (names_are_lost_) {
            head_.next_log_id += log_ids_skipped;
            head_.names_lost_by = static_cast<std::uint32_t>(segment_);
        }
        head_.logs.clear();
        for (auto& [id, log] : logs_) {
            if (unsure_.contains(id)) log.stopped_by = static_cast<std::uint32_t>(segment_);
            head_.logs.push_back(std::move(log));
        }
        return std::move(head_);
    }

  private:
    void lose_names() { names_are_lost_ = true; }

    Head head_;
    const std::uint64_t segment_;
    std::map<std::uint64_t, Head::Log> logs_;
    std::set<std::uint64_t> unsure_;
    std::uint64_t ids_end_ = 0;
    bool names_are_lost_ = false;
};

}  // namespace

Result<Head> state_over_damage(machine::Files& files, const std::string& directory,
                               std::uint64_t segment, const std::optional<Mark>& mark) {
    const std::string path = directory + "/" + segment_name(segment);
    if (!files.exists(path)) {
        if (!mark) return corrupt(path, 0, "the segment is missing");
        return State(mark->state, segment)
            .finish({.end = mark->end, .last_crc = mark->last_crc}, mark->salt);
    }
    MILL_TRY(auto reader, Reader::open(files, path, window_bytes));
    auto head = reader.head();
    const bool has_head = head && head->number == segment;
    if (!has_head && !mark) {
        if (head) return corrupt(path, 0, "it is another segment's file");
        return Failure(head.error());
    }
    const std::uint32_t salt = has_head ? head->salt : mark->salt;
    std::uint64_t begin = 0;
    if (has_head) {
        begin = head->bytes;
    } else {
        MILL_TRY(begin, next_entry(reader, 0, reader.size(), salt));
        if (begin >= reader.size()) begin = mark->end;
    }
    Walk walk(reader, salt, mark, has_head && head->version == 1);
    MILL_TRY(const Walked walked,
             walk.run(begin, has_head ? std::optional(head->crc) : std::nullopt));
    State state(mark ? mark->state : *head, segment);
    for (const Found& found : walked.entries) {
        if (!mark || found.position >= mark->end) state.apply(found);
    }
    return state.finish(walked, salt);
}

}  // namespace mill::segment
