// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::segment {

std::deque<Run>::const_iterator LogState::run_at(Offset offset) const {
    return std::ranges::partition_point(runs, [&](const Run& run) { return run.end <= offset; });
}

std::string Damage::text() const { return fmt::format("{} at byte {}: {}", file, position, what); }

void Catalogue::begin(const Head& head) {
    for (const Head::Sealed& sealed : head.segments) {
        segments_[sealed.number] = {.end = sealed.end, .last_crc = sealed.last_crc};
        candidates_.push_back(sealed.number);
        shrunk_.insert(sealed.number);
    }
    for (const Head::Log& log : head.logs) {
        add(log.id) = {.name = log.name,
                       .first = log.first,
                       .next = log.next,
                       .last_arrival = log.last_arrival,
                       .stopped_by = log.stopped_by};
        ids_[log.name] = log.id;
        retain_damaged(log.stopped_by);
    }
    names_lost_by_ = head.names_lost_by;
    retain_damaged(names_lost_by_);
}

void Catalogue::add_sealed(const IndexHead& index, std::shared_ptr<const Bytes> bytes) {
    Segment& segment = segments_.at(index.segment);
    segment.salt = index.salt;
    segment.pages_at = index.bytes;
    segment.index = std::move(bytes);
    for (const IndexRow& row : index.rows) {
        LogState* log = state(row.log);
        if (!log || row.run.end <= log->first) continue;
        // Mostly at the end: older segments come first, but for what was moved.
        const auto at = std::ranges::upper_bound(log->runs, row.run.base, {}, &Run::base);
        log->runs.insert(at, row.run);
        retain(*log, row.run);
    }
}

bool Catalogue::mark_lost() {
    // What is removed may be missing.
    std::erase_if(damages_, [&](const auto& entry) { return !segments_.contains(entry.first); });
    for (auto& [id, log] : logs_) {
        std::deque<Run> whole;
        Offset expected = log.first;
        const auto lose_to = [&](Offset end, std::int64_t last_arrival) {
            if (damages_.empty())
                add_damage(newest_segment(),
                           {segment_name(newest_segment()), 0, "it lacks batches"});
            const auto after =
                whole.empty() ? damages_.begin() : damages_.lower_bound(whole.back().segment);
            const auto blamed = after != damages_.end() ? after->first : damages_.rbegin()->first;
            whole.push_back({.base = expected,
                             .end = end,
                             .last_arrival = last_arrival,
                             .segment = static_cast<std::uint32_t>(blamed)});
            retain_damaged(whole.back().segment);
        };
        for (const Run& run : log.runs) {
            if (run.base < expected && !whole.empty()) return false;
            if (run.base > expected) lose_to(run.base, run.last_arrival);
            whole.push_back(run);
            expected = run.end;
        }
        if (expected > log.next) return false;
        if (expected < log.next) lose_to(log.next, log.last_arrival);
        log.runs = std::move(whole);
    }
    return true;
}

const Damage& Catalogue::damage(std::uint32_t segment) const {
    static const Damage unknown{"the store", 0, "a damage that is there no more"};
    const auto found = damages_.find(segment);
    return found == damages_.end() ? unknown : found->second.back();
}

std::string Catalogue::loss_text(const LogState& log, const Run& lost) const {
    return fmt::format("{}; records {} to {} of log \"{}\" are lost", damage(lost.segment).text(),
                       lost.base, lost.end - 1, log.name);
}

std::string Catalogue::stop_text(const std::string& log, std::uint32_t stopped_by) const {
    return fmt::format("{}; the newest records of log \"{}\" may be lost, it is stopped",
                       damage(stopped_by).text(), log);
}

bool Catalogue::apply(const EntryHeader& header, BytesView payload, std::uint64_t position) {
    if (header.group != std::exchange(moved_in_, header.group)) moved_.clear();
    if (header.kind == EntryKind::batch) return apply_batch(header, position);
    LogState* log = state(header.log);
    switch (header.kind) {
        case EntryKind::batch:
            break;
        case EntryKind::declare:
            if (log) return false;
            declare(header.log, std::string(payload));
            return true;
        case EntryKind::drop:
            drop(header.log);
            return true;
        case EntryKind::trim:
            if (!log) return true;
            if (header.base > log->next) return false;
            trim(*log, header.base);
            return true;
        case EntryKind::remove_segment:
            return remove_segment(header.base, header.group);
        case EntryKind::moved:
            if (!log) return true;
            moved_.push_back({header.log, static_cast<std::uint32_t>(log->places.size())});
            log->places.push_back(place_of(header, position));
            return true;
    }
    return false;
}

bool Catalogue::apply_batch(const EntryHeader& header, std::uint64_t position) {
    LogState* found = state(header.log);
    if (!found || header.records == 0 || header.base != found->next) return false;
    LogState& log = *found;
    const auto newest = static_cast<std::uint32_t>(newest_segment());
    const auto ordinal = static_cast<std::uint32_t>(log.places.size());
    log.places.push_back(place_of(header, position));
    log.next += header.records;
    log.last_arrival = header.last_arrival;
    if (log.runs.empty() || log.runs.back().segment != newest || log.runs.back().is_lost() ||
        log.runs.back().end != header.base ||
        log.runs.back().first + log.runs.back().batches != ordinal) {
        log.runs.push_back({.base = header.base, .first = ordinal, .segment = newest});
        ++segments_.at(newest).runs;
    }
    Run& run = log.runs.back();
    run.end = log.next;
    run.last_arrival = header.last_arrival;
    run.bytes += header.payload_bytes;
    ++run.batches;
    segments_.at(newest).live_bytes += header.payload_bytes;
    return true;
}

void Catalogue::prefetch(std::uint64_t log) const {
    const LogState* found = find(log);
    if (!found || found->runs.empty()) return;
    __builtin_prefetch(&found->runs.back(), 1);
    __builtin_prefetch(std::to_address(found->places.end()), 1);
}

const LogState* Catalogue::find(std::uint64_t log) const {
    const auto found = by_id_.find(log);
    return found == by_id_.end() ? nullptr : found->second;
}

LogState* Catalogue::state(std::uint64_t log) {
    const auto found = by_id_.find(log);
    return found == by_id_.end() ? nullptr : found->second;
}

LogState& Catalogue::add(std::uint64_t log) {
    LogState& added = logs_[log];
    by_id_[log] = &added;
    return added;
}

void Catalogue::add_segment(std::uint64_t number, std::uint32_t salt) {
    if (is_writing_) index_newest();
    if (!segments_.empty()) {
        candidates_.push_back(newest_segment());
        shrunk_.insert(newest_segment());
    }
    segments_[number].salt = salt;
    is_writing_ = true;
    moved_.clear();
}

void Catalogue::set_end_of_newest(std::uint64_t end, std::uint32_t last_crc) {
    Segment& newest = segments_.rbegin()->second;
    newest.end = end;
    newest.last_crc = last_crc;
}

void Catalogue::index_newest() {
    const auto number = static_cast<std::uint32_t>(newest_segment());
    Segment& newest = segments_.rbegin()->second;
    IndexBuilder builder;
    for (auto& [id, log] : logs_) {
        if (log.places.empty()) continue;
        for (Run& run : log.runs) {
            if (run.segment != number || run.is_lost()) continue;
            builder.add(id, std::span(log.places).subspan(run.first, run.batches));
            run.first = builder.rows().back().run.first;
        }
        log.places = std::vector<Place>();  // `{}` would keep its room
    }
    Bytes bytes = builder.finish(number, newest.end, newest.salt, newest.last_crc);
    newest.pages_at = index_head_length(bytes, {}).value();
    newest.index = std::make_shared<const Bytes>(std::move(bytes));
}

IndexSource Catalogue::index(std::uint64_t segment) const {
    const Segment& found = segments_.at(segment);
    return {segment, found.salt, found.pages_at, found.index};
}

std::vector<IndexSource> Catalogue::indexes_in_memory() const {
    std::vector<IndexSource> found;
    for (const auto& [number, segment] : segments_) {
        if (segment.index && !damages_.contains(number)) found.push_back(index(number));
    }
    return found;
}

void Catalogue::index_is_on_disk(const IndexSource& index) {
    const auto found = segments_.find(index.segment);
    if (found != segments_.end() && found->second.index == index.bytes)
        found->second.index = nullptr;
}

bool Catalogue::replace_index(const IndexHead& index, std::shared_ptr<const Bytes> bytes) {
    const auto number = static_cast<std::uint32_t>(index.segment);
    std::map<std::uint64_t, std::vector<Run>> rows;
    for (const IndexRow& row : index.rows) rows[row.log].push_back(row.run);
    for (auto& [id, log] : logs_) {
        std::deque<Run> runs;
        const auto& candidates = rows[id];
        for (const Run& run : log.runs) {
            if (run.segment != number || run.is_lost()) {
                runs.push_back(run);
                continue;
            }
            const auto wider = std::ranges::find_if(candidates, [&](const Run& candidate) {
                return candidate.base <= run.base && run.end <= candidate.end;
            });
            if (wider == candidates.end()) return false;
            const bool is_joined = !runs.empty() && runs.back().base == wider->base;
            release(log, run);
            if (is_joined) continue;  // two runs had become neighbours
            runs.push_back(*wider);
            retain(log, *wider);
        }
        log.runs = std::move(runs);
    }
    Segment& segment = segments_.at(index.segment);
    segment.pages_at = index.bytes;
    segment.index = std::move(bytes);
    return true;
}

Head::Sealed Catalogue::sealed(std::uint64_t segment) const {
    const Segment& found = segments_.at(segment);
    return {segment, found.end, found.last_crc};
}

std::vector<Head::Sealed> Catalogue::sealed_segments() const {
    std::vector<Head::Sealed> found;
    for (const auto& [number, segment] : segments_) {
        if (number != newest_segment()) found.push_back(sealed(number));
    }
    return found;
}

std::vector<std::uint64_t> Catalogue::take_removable() {
    std::vector<std::uint64_t> removable;
    for (const std::uint64_t number : std::exchange(candidates_, {})) {
        const auto found = segments_.find(number);
        if (found == segments_.end() || found->second.runs > 0 || number == newest_segment())
            continue;
        if (std::ranges::find(removable, number) == removable.end()) removable.push_back(number);
    }
    return removable;
}

std::optional<std::uint64_t> Catalogue::take_cleanable(std::uint32_t percent,
                                                       std::uint64_t bytes_max) {
    for (auto at = shrunk_.begin(); at != shrunk_.end();) {
        const std::uint64_t number = *at;
        if (number == newest_segment()) {
            ++at;
            continue;
        }
        at = shrunk_.erase(at);
        const auto found = segments_.find(number);
        if (found == segments_.end() || damages_.contains(number)) continue;
        const Segment& segment = found->second;
        if (segment.runs > 0 && segment.live_bytes <= bytes_max &&
            segment.live_bytes <= segment.end / 100 * percent)
            return number;
    }
    return std::nullopt;
}

std::vector<std::uint64_t> Catalogue::logs_in(std::uint64_t segment) const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, log] : logs_) {
        const auto is_here = [&](const Run& run) {
            return run.segment == segment && !run.is_lost();
        };
        if (std::ranges::any_of(log.runs, is_here)) ids.push_back(id);
    }
    return ids;
}

Head Catalogue::head() const {
    Head head;
    for (const auto& [number, segment] : segments_)
        head.segments.push_back({number, segment.end, segment.last_crc});
    for (const auto& [id, log] : logs_)
        head.logs.push_back({id, log.first, log.next, log.last_arrival, log.name, log.stopped_by});
    head.names_lost_by = names_lost_by_;
    return head;
}

void Catalogue::declare(std::uint64_t log, std::string name) {
    if (const auto older = ids_.find(name); older != ids_.end()) drop(older->second);
    ids_[name] = log;
    add(log).name = std::move(name);
}

void Catalogue::drop(std::uint64_t log) {
    const auto found = logs_.find(log);
    if (found == logs_.end()) return;
    for (const Run& run : found->second.runs) release(found->second, run);
    if (const auto by = segments_.find(found->second.stopped_by);
        by != segments_.end() && --by->second.runs == 0)
        candidates_.push_back(by->first);
    ids_.erase(found->second.name);
    by_id_.erase(log);
    logs_.erase(found);
}

void Catalogue::trim(LogState& log, Offset first) {
    first = std::max(log.first, first);
    while (!log.runs.empty() && log.runs.front().end <= first) {
        release(log, log.runs.front());
        log.runs.pop_front();
    }
    if (!log.runs.empty() && !log.runs.front().is_lost()) {
        const Run& run = log.runs.front();
        segments_.at(run.segment).live_bytes -= run.bytes_from(log.first) - run.bytes_from(first);
        shrunk_.insert(run.segment);
    }
    log.first = first;
}

// The copies that were written together with this entry take the place of what they were copied
// from.
bool Catalogue::remove_segment(std::uint64_t segment, std::uint64_t group) {
    MILL_ASSERT(group == moved_in_);
    if (segment == newest_segment()) return false;
    const auto newest = static_cast<std::uint32_t>(newest_segment());
    const std::vector<Moved> moved = std::exchange(moved_, {});
    for (std::size_t i = 0; i < moved.size();) {
        const std::uint64_t id = moved[i].log;
        LogState* log = state(id);
        if (!log) return false;
        Run run{.first = moved[i].place, .segment = newest};
        for (; i < moved.size() && moved[i].log == id; ++i) {
            const Place& place = log->places[moved[i].place];
            if (run.batches == 0) run.base = place.base;
            if (run.batches > 0 && place.base != run.end) break;
            run.end = place.end();
            run.last_arrival = place.last_arrival;
            run.bytes += place.payload_bytes;
            ++run.batches;
        }
        if (!take_over(segment, *log, run)) return false;
    }
    const auto found = segments_.find(segment);
    if (found == segments_.end()) return true;
    if (found->second.runs > 0) return false;
    segments_.erase(found);
    return true;
}

bool Catalogue::take_over(std::uint64_t from, LogState& log, Run run) {
    if (run.end <= log.first) return true;  // trimmed meanwhile
    const auto begin = log.runs.begin() + (log.run_at(run.base) - log.runs.cbegin());
    auto end = begin;
    for (; end != log.runs.end() && end->base < run.end; ++end) {
        if (end->segment != from || end->is_lost()) return false;
        release(log, *end);
    }
    retain(log, run);
    if (begin == end) {  // recovery, and the segment is gone already
        log.runs.insert(begin, run);
        return true;
    }
    const Offset kept = std::max(begin->base, log.first);
    if (run.base > kept || std::prev(end)->end != run.end) return false;
    *begin = run;
    log.runs.erase(std::next(begin), end);
    return true;
}

void Catalogue::retain(const LogState& log, const Run& run) {
    Segment& segment = segments_.at(run.segment);
    ++segment.runs;
    segment.live_bytes += run.bytes_from(log.first);
}

// A damaged segment stays in the list as long as anyone is told of it.
void Catalogue::retain_damaged(std::uint32_t segment) {
    const auto found = segments_.find(segment);
    if (found != segments_.end()) ++found->second.runs;
}

void Catalogue::release(const LogState& log, const Run& run) {
    const auto found = segments_.find(run.segment);
    if (found == segments_.end()) return;
    Segment& segment = found->second;
    if (!run.is_lost()) segment.live_bytes -= run.bytes_from(log.first);
    shrunk_.insert(run.segment);
    if (--segment.runs == 0) candidates_.push_back(run.segment);
}

}  // namespace mill::segment
