// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/catalogue.h"

#include <algorithm>

namespace mill::segment {

void Catalogue::begin(const Head& head) {
    for (const Head::Sealed& sealed : head.segments) {
        segments_[sealed.number] = {.end = sealed.end, .last_crc = sealed.last_crc};
        candidates_.push_back(sealed.number);
    }
    for (const Head::Log& log : head.logs) {
        logs_[log.id] = {.name = log.name,
                         .first = log.first,
                         .next = log.next,
                         .last_arrival = log.last_arrival};
        ids_[log.name] = log.id;
    }
}

void Catalogue::foresee(const EntryHeader& header, BytesView payload) {
    constexpr Offset all = ~Offset();
    std::uint64_t log = header.log;
    if (header.kind == EntryKind::declare) {
        const auto older = ids_.find(payload);
        log = older == ids_.end() ? log : older->second;
    }
    const auto found = logs_.find(log);
    if (found == logs_.end() || header.kind == EntryKind::batch ||
        header.kind == EntryKind::remove_segment)
        return;
    found->second.first =
        std::max(found->second.first, header.kind == EntryKind::trim ? header.base : all);
}

bool Catalogue::restore(const EntryHeader& header, std::uint64_t segment, std::uint64_t position) {
    const auto found = logs_.find(header.log);
    if (header.kind != EntryKind::batch || found == logs_.end()) return true;
    LogState& log = found->second;
    if (header.base < log.first) return true;
    return header.base + header.records <= log.next && push(log, header, segment, position);
}

const LogState* Catalogue::incomplete() const {
    for (const auto& [id, log] : logs_) {
        const Offset begin = log.places.empty() ? log.next : log.places.front().base;
        const Offset end = log.places.empty() ? log.next : log.places.back().end();
        if (begin != log.first || end != log.next) return &log;
    }
    return nullptr;
}

bool Catalogue::apply(const EntryHeader& header, BytesView payload, std::uint64_t segment,
                      std::uint64_t position) {
    const auto found = logs_.find(header.log);
    switch (header.kind) {
        case EntryKind::batch: {
            if (found == logs_.end() || header.records == 0 || header.base != found->second.next)
                return false;
            LogState& log = found->second;
            if (!push(log, header, segment, position)) return false;
            log.next += header.records;
            log.last_arrival = header.last_arrival;
            return true;
        }
        case EntryKind::declare:
            if (found != logs_.end()) return false;
            declare(header.log, std::string(payload));
            return true;
        case EntryKind::drop:
            drop(header.log);
            return true;
        case EntryKind::trim:
            if (found != logs_.end()) trim(found->second, header.base);
            return true;
        case EntryKind::remove_segment:
            segments_.erase(header.base);
            return true;
    }
    return false;
}

const LogState* Catalogue::find(std::uint64_t log) const {
    const auto found = logs_.find(log);
    return found == logs_.end() ? nullptr : &found->second;
}

Offset Catalogue::trim_point(std::uint64_t log, Offset before) const {
    const LogState* state = find(log);
    if (!state) return 0;
    const auto kept = std::ranges::partition_point(
        state->places, [&](const Place& p) { return p.end() <= before; });
    return kept == state->places.end() ? state->next : kept->base;
}

void Catalogue::add_segment(std::uint64_t number, std::uint32_t salt) {
    if (!segments_.empty()) candidates_.push_back(newest_segment());
    segments_[number].salt = salt;
}

void Catalogue::seal_newest(std::uint64_t end, std::uint32_t last_crc) {
    Segment& newest = segments_.rbegin()->second;
    newest.end = end;
    newest.last_crc = last_crc;
}

std::vector<std::uint64_t> Catalogue::take_removable() {
    std::vector<std::uint64_t> removable;
    for (const std::uint64_t number : std::exchange(candidates_, {})) {
        const auto found = segments_.find(number);
        if (found == segments_.end() || found->second.batches > 0 || number == newest_segment())
            continue;
        if (std::ranges::find(removable, number) == removable.end()) removable.push_back(number);
    }
    return removable;
}

Head Catalogue::head() const {
    Head head;
    for (const auto& [number, segment] : segments_)
        head.segments.push_back({number, segment.end, segment.last_crc});
    for (const auto& [id, log] : logs_)
        head.logs.push_back({id, log.first, log.next, log.last_arrival, log.name});
    return head;
}

void Catalogue::declare(std::uint64_t log, std::string name) {
    if (const auto older = ids_.find(name); older != ids_.end()) drop(older->second);
    ids_[name] = log;
    logs_[log].name = std::move(name);
}

void Catalogue::drop(std::uint64_t log) {
    const auto found = logs_.find(log);
    if (found == logs_.end()) return;
    for (const Place& place : found->second.places) release(place);
    ids_.erase(found->second.name);
    logs_.erase(found);
}

void Catalogue::trim(LogState& log, Offset first) {
    log.first = std::max(log.first, first);
    while (!log.places.empty() && log.places.front().end() <= first) {
        release(log.places.front());
        log.places.pop_front();
    }
}

bool Catalogue::push(LogState& log, const EntryHeader& header, std::uint64_t segment,
                     std::uint64_t position) {
    if (!log.places.empty() && log.places.back().end() != header.base) return false;
    log.places.push_back({.base = header.base,
                          .last_arrival = header.last_arrival,
                          .segment = static_cast<std::uint32_t>(segment),
                          .position_8 = static_cast<std::uint32_t>(position / entry_alignment),
                          .payload_bytes = header.payload_bytes,
                          .records = header.records});
    ++segments_.at(segment).batches;
    return true;
}

void Catalogue::release(const Place& place) {
    if (--segments_.at(place.segment).batches == 0) candidates_.push_back(place.segment);
}

}  // namespace mill::segment
