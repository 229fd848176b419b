// SPDX-License-Identifier: Apache-2.0
// CreateEventSourceMapping: feed a stream's records to a function.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mapping_options.h"
#include "services/lambda/mappings/mappings.h"

namespace mill::lambda {
namespace {

constexpr std::string_view starting_positions[] = {"LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"};

struct CreateEventSourceMappingInput {
    std::optional<std::string> event_source_arn;
    std::optional<std::string> function_name;
    std::optional<bool> enabled;
    std::optional<std::int64_t> batch_size;
    std::optional<std::int64_t> window_seconds;
    std::optional<std::string> starting_position;
    std::optional<WallTime> starting_time;
    std::optional<std::int64_t> record_age_seconds_max;
    std::optional<bool> bisect_on_error;
    std::optional<std::int64_t> retry_attempts_max;
    std::optional<std::vector<std::string>> response_types;

    static constexpr auto shape() {
        using I = CreateEventSourceMappingInput;
        return wire::structure(
            "CreateEventSourceMappingRequest",
            wire::member<&I::event_source_arn>("EventSourceArn").pattern(source_arn_pattern),
            wire::member<&I::function_name>("FunctionName").required().length(1, 256),
            wire::member<&I::enabled>("Enabled"),
            wire::member<&I::batch_size>("BatchSize").range(1, 10000),
            wire::member<&I::window_seconds>("MaximumBatchingWindowInSeconds").range(0, 300),
            wire::member<&I::starting_position>("StartingPosition").one_of(starting_positions),
            wire::member<&I::starting_time>("StartingPositionTimestamp"),
            wire::member<&I::record_age_seconds_max>("MaximumRecordAgeInSeconds").range(-1, 604800),
            wire::member<&I::bisect_on_error>("BisectBatchOnFunctionError"),
            wire::member<&I::retry_attempts_max>("MaximumRetryAttempts").range(-1, 10000),
            wire::member<&I::response_types>("FunctionResponseTypes")
                .one_of(response_type_values)
                .length(0, 1),
            wire::refused("FilterCriteria", "Filter in the function."),
            wire::refused("DestinationConfig", "Let the function send failures on."),
            wire::refused("ParallelizationFactor", "Add shards instead.").unless("1"),
            wire::refused("TumblingWindowInSeconds", "Keep state in the function.").unless("0"),
            wire::refused("KMSKeyArn", "Leave it out."),
            wire::refused("MetricsConfig", "Leave it out: there are no such metrics."),
            wire::refused("LoggingConfig", "Leave it out."),
            wire::refused("ProvisionedPollerConfig", kinesis_only),
            wire::refused("ScalingConfig", kinesis_only),
            wire::refused("SourceAccessConfigurations", kinesis_only),
            wire::refused("SelfManagedKafkaEventSourceConfig", kinesis_only),
            wire::refused("AmazonManagedKafkaEventSourceConfig", kinesis_only),
            wire::refused("DocumentDBEventSourceConfig", kinesis_only),
            wire::refused("SelfManagedEventSource", kinesis_only),
            wire::refused("Queues", kinesis_only), wire::refused("Topics", kinesis_only),
            wire::refused("Tags", "Create the mapping without tags."));
    }
};

Failure invalid(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}

Task<Result<MappingDescription>> create_event_source_mapping(Lambda& lambda, Caller caller,
                                                             CreateEventSourceMappingInput input) {
    if (!input.event_source_arn) co_return invalid("Unrecognized event source.");
    if (!input.starting_position) {
        co_return invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must "
            "not be null.");
    }
    const MappingSettings defaults;
    Mappings::Create request{
        .function = *std::move(input.function_name),
        .source_arn = *std::move(input.event_source_arn),
        .starting_position = *std::move(input.starting_position),
        .starting_time = input.starting_time,
        .settings = {.batch_size = input.batch_size.value_or(defaults.batch_size),
                     .window_seconds = input.window_seconds.value_or(0),
                     .retry_attempts_max = input.retry_attempts_max.value_or(-1),
                     .record_age_seconds_max = input.record_age_seconds_max.value_or(-1),
                     .bisect_on_error = input.bisect_on_error.value_or(false),
                     .response_types =
                         std::move(input.response_types).value_or(std::vector<std::string>())},
        .enabled = input.enabled.value_or(true)};
    MILL_CO_CHECK(check_settings(request.settings));
    co_return co_await lambda.mappings().create(std::move(caller), std::move(request));
}

}  // namespace

extern const wire::Operation create_event_source_mapping_operation;
const wire::Operation create_event_source_mapping_operation =
    wire::operation<&create_event_source_mapping>(
        "CreateEventSourceMapping",
        {.method = "POST", .path = "/2015-03-31/event-source-mappings", .status = 202});

}  // namespace mill::lambda
