// SPDX-License-Identifier: Apache-2.0
// How log events lie in a batch's payload. Format version 1 (docs/formats/log-events.md): u8
// version, then per event u32 stream number, i64 timestamp (ms since the epoch), i64 ingestion
// time, u32 message bytes, message; little-endian.
#pragma once

#include <optional>
#include <string>

#include "model/hash_range.h"
#include "storage/stream_log.h"

namespace mill::logs {

using StreamNumber = std::uint32_t;  // given once in a group's life

struct EventView {
    StreamNumber stream = 0;
    std::int64_t timestamp_ms = 0;
    std::int64_t ingestion_ms = 0;
    std::string_view message;
};

// Where an event stands in its group: by timestamp, then by offset in the group's log (ingestion
// order).
using EventKey = unsigned __int128;
constexpr EventKey event_key_max = ~EventKey{0};

inline EventKey event_key(std::int64_t timestamp_ms, storage::Offset offset) {
    return EventKey{static_cast<std::uint64_t>(timestamp_ms)} << 64 | offset;
}

// Event ids and tokens: 56 decimal digits that sort as their keys do.
std::string event_id(EventKey key);
std::optional<EventKey> parse_event_id(std::string_view text);

constexpr unsigned char log_events_version = 1;

inline void append_event(Bytes& payload, const EventView& event) {
    if (payload.empty()) payload += static_cast<char>(log_events_version);
    append_le<std::uint32_t>(payload, event.stream);
    append_le<std::int64_t>(payload, event.timestamp_ms);
    append_le<std::int64_t>(payload, event.ingestion_ms);
    append_le<std::uint32_t>(payload, static_cast<std::uint32_t>(event.message.size()));
    payload += event.message;
}

// Walks a payload. The views live as long as the payload.
class EventCursor {
  public:
    // A payload of another version gives no events.
    explicit EventCursor(BytesView payload) {
        if (!payload.empty() && static_cast<unsigned char>(payload.front()) == log_events_version) {
            rest_ = payload.substr(1);
        }
    }
    std::optional<EventView> next() {
        constexpr std::size_t header = 24;
        if (rest_.size() < header) return std::nullopt;
        EventView event{.stream = load_le<std::uint32_t>(rest_.data()),
                        .timestamp_ms = load_le<std::int64_t>(rest_.data() + 4),
                        .ingestion_ms = load_le<std::int64_t>(rest_.data() + 12)};
        const std::size_t size = load_le<std::uint32_t>(rest_.data() + 20);
        if (rest_.size() - header < size) return std::nullopt;
        event.message = rest_.substr(header, size);
        rest_.remove_prefix(header + size);
        return event;
    }

  private:
    BytesView rest_;
};

}  // namespace mill::logs
