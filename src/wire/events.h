// SPDX-License-Identifier: Apache-2.0
// Events: what an operation goes on to answer behind its output, as SubscribeToShard does. The
// output's struct has `std::shared_ptr<EventSource> events` beside the members of its shape, and in
// the shape an event_stream member, which says what events there are:
//
//     struct Events {  // a union: one member is present
//         std::optional<SubscribeToShardEvent> subscribe_to_shard_event;
//         static constexpr auto shape() {
//             return wire::structure("SubscribeToShardEventStream",
//                 wire::member<&Events::subscribe_to_shard_event>("SubscribeToShardEvent"),
//                 wire::event_error("ResourceInUseException"));
//         }
//     };
//     wire::structure("SubscribeToShardOutput", wire::event_stream<Events>("EventStream"))
#pragma once

#include <memory>
#include <optional>

#include "machine/task.h"
#include "wire/shape.h"

namespace mill::wire {

// One of them: the union's object.
struct Event {
    const Structure* structure = nullptr;
    std::shared_ptr<const void> object;
};

template <class Union>
Event event(Union object) {
    return {&structure_of<Union>(), std::make_shared<const Union>(std::move(object))};
}

// Executor thread only. An event is asked for once the client has taken the one before.
class EventSource {
  public:
    virtual ~EventSource() = default;
    // The next event, when there is one; nothing at the end. An error is the last that is said: one
    // of the union's errors with a status, anything else as a failure of the service. Waits as long
    // as it takes; dropped in the middle when the client is gone or the server stops.
    virtual Task<Result<std::optional<Event>>> next() = 0;
};

namespace detail {

struct ErrorText {
    std::optional<std::string> message;
    static constexpr auto shape() {
        return structure("Error", member<&ErrorText::message>("message"));
    }
};

// A member that has no field: shown, never written.
template <class T>
constexpr Member shown(std::string_view name) {
    Member m;
    m.name = name;
    m.type = &TypeOf<T>::type;
    m.find = [](const void*) -> const void* { return nullptr; };
    return m;
}

}  // namespace detail

template <class Union>
constexpr Member event_stream(std::string_view name) {
    return detail::shown<Union>(name);
}
// An error that may end the stream: EventSource::next() gives it.
constexpr Member event_error(std::string_view name) {
    return detail::shown<detail::ErrorText>(name);
}

}  // namespace mill::wire
