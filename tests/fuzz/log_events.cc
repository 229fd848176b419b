// SPDX-License-Identifier: Apache-2.0
// Payloads of log events: any bytes can be walked, and what was written reads back. Event ids are
// texts that only event_id() gives.
#include "services/logs/log_events.h"
#include "fuzz.h"

namespace mill::logs {
namespace {

void walk(BytesView payload) {
    EventCursor cursor(payload);
    Bytes again;
    while (const auto event = cursor.next()) append_event(again, *event);
    MILL_ASSERT(payload.starts_with(again));
}

void build(fuzz::Input input) {
    std::vector<EventView> events;
    Bytes payload;
    while (!input.is_empty()) {
        EventView event{.stream = input.number<std::uint32_t>(),
                        .timestamp_ms = input.number<std::int64_t>(),
                        .ingestion_ms = input.number<std::int64_t>()};
        event.message = input.text();
        append_event(payload, event);
        events.push_back(event);
    }
    EventCursor cursor(payload);
    for (const EventView& written : events) {
        const auto read = cursor.next();
        MILL_ASSERT(read && read->stream == written.stream && read->message == written.message &&
                    read->timestamp_ms == written.timestamp_ms &&
                    read->ingestion_ms == written.ingestion_ms);
    }
    MILL_ASSERT(!cursor.next());
}

void name(fuzz::Input input) {
    const EventKey key = event_key(input.number<std::int64_t>(), input.number<std::uint64_t>());
    MILL_ASSERT(parse_event_id(event_id(key)) == key);
    const std::string_view text = input.rest();
    const auto parsed = parse_event_id(text);
    MILL_ASSERT(!parsed || event_id(*parsed) == text);
}

}  // namespace
}  // namespace mill::logs

void mill::fuzz::run(std::string_view bytes) {
    mill::logs::walk(bytes);
    mill::logs::build(bytes);
    mill::logs::name(bytes);
}
