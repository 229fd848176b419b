// SPDX-License-Identifier: Apache-2.0
// PutLogEvents: events in chronological order, durable when it is answered. Those that are too old
// or too new are rejected one by one; sequence tokens are taken and ignored.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
#include <algorithm>

#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct InputLogEvent {
    std::optional<std::int64_t> timestamp;
    std::optional<std::string> message;

    static constexpr auto shape() {
        return wire::structure("InputLogEvent",
                               wire::member<&InputLogEvent::timestamp>("timestamp")
                                   .required()
                                   .range(0, wire::unbounded_above),
                               wire::member<&InputLogEvent::message>("message").required().length(
                                   1, wire::unbounded_above));
    }
};

struct PutLogEventsInput {
    std::optional<std::string> log_group_name;
    std::optional<std::string> log_stream_name;
    std::optional<std::vector<InputLogEvent>> log_events;
    std::optional<std::string> sequence_token;

    static constexpr auto shape() {
        using I = PutLogEventsInput;
        return wire::structure(
            "PutLogEventsRequest", group_name_member<&I::log_group_name>().required(),
            stream_name_member<&I::log_stream_name>().required(),
            wire::member<&I::log_events>("logEvents")
                .required()
                .length(1, limits::logs::put_events_max),
            wire::member<&I::sequence_token>("sequenceToken").length(1, wire::unbounded_above),
            wire::refused("entity", "Put the events without it."));
    }
};

struct RejectedLogEventsInfo {
    std::optional<std::int64_t> too_new_start;
    std::optional<std::int64_t> too_old_end;
    std::optional<std::int64_t> expired_end;
    bool is_empty() const { return !too_new_start && !too_old_end && !expired_end; }

    static constexpr auto shape() {
        using R = RejectedLogEventsInfo;
        return wire::structure("RejectedLogEventsInfo",
                               wire::member<&R::too_new_start>("tooNewLogEventStartIndex"),
                               wire::member<&R::too_old_end>("tooOldLogEventEndIndex"),
                               wire::member<&R::expired_end>("expiredLogEventEndIndex"));
    }
};

struct PutLogEventsOutput {
    std::string next_sequence_token;
    std::optional<RejectedLogEventsInfo> rejected;

    static constexpr auto shape() {
        return wire::structure(
            "PutLogEventsResponse",
            wire::member<&PutLogEventsOutput::next_sequence_token>("nextSequenceToken"),
            wire::member<&PutLogEventsOutput::rejected>("rejectedLogEventsInfo"));
    }
};

Result<void> check_events(const std::vector<InputLogEvent>& events) {
    if (!std::ranges::is_sorted(events, {}, &InputLogEvent::timestamp)) {
        return invalid_parameter(
            "Log events in a single PutLogEvents request must be in chronological order.");
    }
    std::int64_t bytes = 0;
    for (const InputLogEvent& event : events) {
        bytes +=
            static_cast<std::int64_t>(event.message->size()) + limits::logs::event_overhead_bytes;
    }
    if (bytes > limits::logs::put_bytes_max) {
        return invalid_parameter("Upload too large: " + std::to_string(bytes) +
                                 " bytes exceeds limit of " +
                                 std::to_string(limits::logs::put_bytes_max));
    }
    const std::chrono::milliseconds span(*events.back().timestamp - *events.front().timestamp);
    if (span > limits::logs::put_span_max) {
        return invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 "
            "hours.");
    }
    return {};
}

// Takes the events that are neither too old nor too new out of `events`.
std::vector<NewEvent> take_accepted(std::vector<InputLogEvent>& events, WallTime now,
                                    std::int64_t horizon_ms, RejectedLogEventsInfo& rejected) {
    const std::int64_t oldest = epoch_ms(now - limits::logs::past_max);
    const std::int64_t newest = epoch_ms(now + limits::logs::future_max);
    std::vector<NewEvent> accepted;
    accepted.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto index = static_cast<std::int64_t>(i);
        const std::int64_t timestamp = *events[i].timestamp;
        if (timestamp < oldest) {
            rejected.too_old_end = index + 1;
        } else if (timestamp < horizon_ms) {
            rejected.expired_end = index + 1;
        } else if (timestamp > newest) {
            if (!rejected.too_new_start) rejected.too_new_start = index;
        } else {
            accepted.push_back({timestamp, *std::move(events[i].message)});
        }
    }
    return accepted;
}

Task<Result<PutLogEventsOutput>> put_log_events(Logs& logs, Caller caller,
                                                PutLogEventsInput input) {
    MILL_CO_CHECK(check_events(*input.log_events));
    MILL_CO_TRY(const auto group, logs.find_group(caller, *input.log_group_name));
    if (!group->find_stream(*input.log_stream_name)) co_return stream_not_found();
    RejectedLogEventsInfo rejected;
    auto accepted = take_accepted(*input.log_events, logs.now(), group->horizon_ms(), rejected);
    if (!group->add_events(*input.log_stream_name, std::move(accepted))) {
        co_return fail("ThrottlingException", "Rate exceeded", 400);
    }
    PutLogEventsOutput output;
    output.next_sequence_token = event_id(event_key(epoch_ms(logs.now()), group->next_offset()));
    if (!rejected.is_empty()) output.rejected = rejected;
    MILL_CO_CHECK(co_await logs.save(group));
    co_return output;
}

}  // namespace

extern const wire::Operation put_log_events_operation;
const wire::Operation put_log_events_operation = operation<&put_log_events>("PutLogEvents");

}  // namespace mill::logs
