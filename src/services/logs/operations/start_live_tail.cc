// SPDX-License-Identifier: Apache-2.0
// StartLiveTail: log events pushed as they come (live_tail.h). SDKs send it to a host of its own,
// "stream-" before the usual one, unless host prefixes are turned off.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
#include <algorithm>

#include "model/arn.h"
#include "services/logs/declarations.h"
#include "services/logs/live_tail.h"

namespace mill::logs {
namespace {

struct StartLiveTailInput {
    std::optional<std::vector<std::string>> log_group_identifiers;
    std::optional<std::vector<std::string>> log_stream_names;
    std::optional<std::vector<std::string>> log_stream_name_prefixes;
    std::optional<std::string> log_event_filter_pattern;

    static constexpr auto shape() {
        using I = StartLiveTailInput;
        constexpr auto names_max = limits::logs::filter_streams_max;
        return wire::structure("StartLiveTailRequest",
                               wire::member<&I::log_group_identifiers>("logGroupIdentifiers")
                                   .required()
                                   .length(1, limits::logs::tail_groups_max)
                                   .item_length(1, 2048),
                               wire::member<&I::log_stream_names>("logStreamNames")
                                   .length(1, names_max)
                                   .item_length(1, limits::logs::name_length_max),
                               wire::member<&I::log_stream_name_prefixes>("logStreamNamePrefixes")
                                   .length(1, names_max)
                                   .item_length(1, limits::logs::name_length_max),
                               wire::member<&I::log_event_filter_pattern>("logEventFilterPattern")
                                   .length(0, limits::logs::filter_pattern_length_max));
    }
};

struct StartLiveTailOutput {
    std::shared_ptr<wire::EventSource> events;

    static constexpr auto shape() {
        return wire::structure("StartLiveTailResponse",
                               wire::event_stream<LiveTailEvents>("responseStream"));
    }
};

Result<void> check(const StartLiveTailInput& input) {
    for (const std::string& identifier : *input.log_group_identifiers) {
        if (!model::parse_arn(identifier) || identifier.ends_with('*')) {
            return invalid_parameter("Log groups are named by their ARNs, without an asterisk: " +
                                     identifier);
        }
    }
    if (input.log_stream_names && input.log_stream_name_prefixes) {
        return invalid_parameter(
            "Only one of logStreamNames and logStreamNamePrefixes can be specified.");
    }
    const bool has_streams = input.log_stream_names || input.log_stream_name_prefixes;
    if (has_streams && input.log_group_identifiers->size() > 1) {
        return invalid_parameter(
            "logStreamNames and logStreamNamePrefixes can be specified for one log group only.");
    }
    return {};
}

Task<Result<StartLiveTailOutput>> start_live_tail(Logs& logs, Caller caller,
                                                  StartLiveTailInput input) {
    MILL_CO_CHECK(check(input));
    MILL_CO_TRY(auto pattern, FilterPattern::parse(input.log_event_filter_pattern.value_or("")));
    LiveTail::Spec spec{
        .account = caller.account, .group_keys = {}, .pattern = std::move(pattern), .start = {}};
    for (const std::string& identifier : *input.log_group_identifiers) {
        MILL_CO_TRY(const auto group, logs.find_group(caller, std::nullopt, identifier));
        std::string key = group->row().table_key();
        if (std::ranges::find(spec.group_keys, key) == spec.group_keys.end())
            spec.group_keys.push_back(std::move(key));
    }
    if (logs.tails().sessions_of(caller.account) >= limits::logs::tail_sessions_max) {
        co_return fail("LimitExceededException", "This account has 15 Live Tail sessions already.",
                       400);
    }
    Machine& machine = logs.machine();
    spec.start = {
        .request_id = machine::uuid_v4(machine.entropy),
        .session_id = machine::uuid_v4(machine.entropy),
        .log_group_identifiers = *std::move(input.log_group_identifiers),
        .log_stream_names = std::move(input.log_stream_names).value_or(std::vector<std::string>()),
        .log_stream_name_prefixes =
            std::move(input.log_stream_name_prefixes).value_or(std::vector<std::string>()),
        .log_event_filter_pattern = input.log_event_filter_pattern.value_or("")};
    co_return StartLiveTailOutput{
        std::make_shared<LiveTail>(machine, logs.tails(), std::move(spec))};
}

}  // namespace

extern const wire::Operation start_live_tail_operation;
const wire::Operation start_live_tail_operation = operation<&start_live_tail>("StartLiveTail");

}  // namespace mill::logs
