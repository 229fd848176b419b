// SPDX-License-Identifier: Apache-2.0
#include "wire/event_body.h"

#include <exception>

#include "wire/event_stream.h"
#include "wire/protocol_parts.h"

namespace mill::wire {

EventBody::EventBody(Protocol protocol, std::string content_type, Output output)
    : protocol_(protocol), content_type_(std::move(content_type)), output_(std::move(output)) {}

Task<bool> EventBody::next(std::string& out) {
    if (!std::exchange(is_begun_, true)) {
        append("initial-response", *output_.structure, output_.object.get(), out);
        co_return true;
    }
    if (is_ended_) co_return false;
    Result<std::optional<Event>> event;
    try {
        event = co_await output_.events->next();
    } catch (const std::exception& e) {  // a bug, told as an internal failure
        event = fail("internal.exception", e.what());
    }
    is_ended_ = !event || !*event;
    if (!event) {
        append_error(event.error(), out);
    } else if (*event) {
        append_event(**event, out);
    }
    co_return !event || event->has_value();
}

void EventBody::append(std::string_view type, const Structure& structure, const void* object,
                       std::string& out) const {
    EventFrame frame(
        out, {{":message-type", "event"}, {":event-type", type}, {":content-type", content_type_}});
    encode(structure, object, *json_writer(out));
    frame.end();
}

void EventBody::append_event(const Event& event, std::string& out) const {
    for (const Member& member : event.structure->members) {
        if (const void* value = member.find(event.object.get()))
            return append(member.name, *member.type->structure(), value, out);
    }
    MILL_ASSERT(false);  // one member of a union is present
}

// Modelled errors are exceptions, others say all in their headers.
void EventBody::append_error(const Error& error, std::string& out) const {
    if (error.status == 0) {
        const Error seen = for_client(protocol_, error);
        EventFrame frame(out, {{":message-type", "error"},
                               {":error-code", seen.code},
                               {":error-message", seen.message}});
        return frame.end();
    }
    EventFrame frame(out, {{":message-type", "exception"},
                           {":exception-type", error.code},
                           {":content-type", content_type_}});
    const detail::ErrorText text{error.message};
    encode(structure_of<detail::ErrorText>(), &text, *json_writer(out));
    frame.end();
}

}  // namespace mill::wire
