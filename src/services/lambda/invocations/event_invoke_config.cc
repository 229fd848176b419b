// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/invocations/event_invoke_config.h"

#include <fmt/format.h>

namespace mill::lambda {
namespace {

std::string destination_in(const std::optional<FailureTarget>& target) {
    return target ? target->destination.value_or("") : "";
}

std::optional<FailureTarget> target_of(const std::string& arn) {
    FailureTarget target;
    if (!arn.empty()) target.destination = arn;
    return target;
}

// As AWS shows it, whether a qualifier was given or not.
std::string qualified_arn(const FunctionReference& function) {
    return function.id.arn() + ":" + (function.qualifier.empty() ? "$LATEST" : function.qualifier);
}

}  // namespace

Result<FunctionReference> event_function(Lambda& lambda, const Caller& caller,
                                         const std::optional<std::string>& name,
                                         const std::optional<std::string>& qualifier) {
    MILL_TRY(FunctionReference function,
             parse_function_name(caller, name.value_or(""), qualifier.value_or("")));
    if (!lambda.functions().find(function))
        return fail("ResourceNotFoundException", "The function doesn't exist.", 404);
    return function;
}

Result<EventSettings> need_event_settings(Lambda& lambda, const FunctionReference& function) {
    MILL_TRY(auto settings, find_event_settings(lambda.table(), function));
    if (settings) return *std::move(settings);
    return fail(
        "ResourceNotFoundException",
        fmt::format("The function {} doesn't have an EventInvokeConfig", qualified_arn(function)),
        404);
}

EventInvokeConfig describe(const FunctionReference& function, const EventSettings& settings) {
    return {.modified = settings.modified,
            .function_arn = qualified_arn(function),
            .retries_max = settings.retries_max,
            .age_seconds_max = settings.age_seconds_max,
            .destinations = {.on_failure = target_of(settings.on_failure),
                             .on_success = target_of(settings.on_success)}};
}

Task<Result<EventInvokeConfig>> change_event_settings(Lambda& lambda, FunctionReference function,
                                                      EventSettings before,
                                                      EventInvokeConfigInput input) {
    EventSettings settings = std::move(before);
    if (input.retries_max) settings.retries_max = input.retries_max;
    if (input.age_seconds_max) settings.age_seconds_max = input.age_seconds_max;
    if (input.destinations) {
        if (input.destinations->on_success)
            settings.on_success = destination_in(input.destinations->on_success);
        if (input.destinations->on_failure)
            settings.on_failure = destination_in(input.destinations->on_failure);
    }
    MILL_CO_CHECK(check_event_destinations(settings));
    settings.modified = lambda.now();
    storage::Table::Commit commit;
    commit.puts = {{event_settings_row(function), wire::to_json(settings)}};
    MILL_CO_CHECK(co_await lambda.table().commit(std::move(commit)));
    co_return describe(function, settings);
}

Task<Result<void>> drop_event_settings(Lambda& lambda, FunctionReference function) {
    storage::Table::Commit commit;
    commit.erases = {event_settings_row(function)};
    co_return co_await lambda.table().commit(std::move(commit));
}

}  // namespace mill::lambda
