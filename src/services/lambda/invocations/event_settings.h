// SPDX-License-Identifier: Apache-2.0
// What becomes of a function's asynchronous invocations: attempts, age, and who is told of their
// ends. One row for $LATEST, "lambda/event-settings/<account>/<region>/<name>", and one for each
// version or alias that has its own, ".../<name>/<qualifier>"; they go with what they are of.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
#pragma once

#include <optional>
#include <string>

#include "services/lambda/functions/function_name.h"
#include "services/lambda/mappings/mapping.h"
#include "services/ports/invoker.h"
#include "storage/stream_log.h"

namespace mill::lambda {

constexpr std::int64_t event_retries_default = 2;
constexpr std::int64_t event_age_seconds_default = 21'600;

struct EventSettings {
    std::optional<std::int64_t> retries_max, age_seconds_max;  // those that were set
    std::string on_success, on_failure;                        // ARNs, or empty
    WallTime modified;

    static constexpr auto shape() {
        using S = EventSettings;
        return wire::structure("EventSettings", wire::member<&S::retries_max>("RetriesMax"),
                               wire::member<&S::age_seconds_max>("AgeSecondsMax"),
                               wire::member<&S::on_success>("OnSuccess"),
                               wire::member<&S::on_failure>("OnFailure"),
                               wire::member<&S::modified>("Modified"));
    }
};

std::string event_settings_row(const FunctionReference& function);
// As it was invoked: those of an alias are not those of its version.
Result<std::optional<EventSettings>> find_event_settings(storage::Table& table,
                                                         const FunctionReference& function);
struct QualifiedSettings {
    std::string qualifier;
    EventSettings settings;
};
// $LATEST first, then versions and aliases.
Result<std::vector<QualifiedSettings>> all_event_settings(storage::Table& table,
                                                          const FunctionId& function);
// InvalidParameterValueException: nobody that Millrace could tell.
Result<void> check_event_destinations(const EventSettings& settings);

// What a destination is told of an event. Pure.
struct EndOfEvent {
    std::string request_id;
    std::string function_arn;
    std::string condition;  // Success, RetriesExhausted, EventAgeExceeded, ZeroReservedConcurrency
    std::int64_t invocations = 0;
    std::string payload;                       // JSON
    std::optional<ports::InvokeOutcome> last;  // unless it never ran
    std::optional<Error> refusal;              // why it did not run, the last time
    WallTime now;
};
std::string event_document(const EndOfEvent& end);

// What a dead-letter queue is told of one, beside the event itself.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
struct DeadLetter {
    std::string request_id, error_code, error_message;
    static constexpr auto shape() {
        using D = DeadLetter;
        return wire::structure("DeadLetter", wire::member<&D::request_id>("RequestID"),
                               wire::member<&D::error_code>("ErrorCode"),
                               wire::member<&D::error_message>("ErrorMessage"));
    }
};
DeadLetter dead_letter_of(const EndOfEvent& end);

}  // namespace mill::lambda
