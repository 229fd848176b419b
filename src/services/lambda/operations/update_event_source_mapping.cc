// SPDX-License-Identifier: Apache-2.0
// UpdateEventSourceMapping: deliveries under way are finished with the old settings.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mapping_options.h"
#include "services/lambda/mappings/mappings.h"

namespace mill::lambda {
namespace {

struct UpdateEventSourceMappingInput {
    std::optional<std::string> uuid;
    std::optional<std::string> function_name;
    std::optional<bool> enabled;
    std::optional<std::int64_t> batch_size;
    std::optional<std::int64_t> window_seconds;
    std::optional<std::int64_t> record_age_seconds_max;
    std::optional<bool> bisect_on_error;
    std::optional<std::int64_t> retry_attempts_max;
    std::optional<std::vector<std::string>> response_types;

    static constexpr auto shape() {
        using I = UpdateEventSourceMappingInput;
        return wire::structure(
            "UpdateEventSourceMappingRequest", wire::member<&I::uuid>("UUID").required().uri(),
            wire::member<&I::function_name>("FunctionName").length(1, 256),
            wire::member<&I::enabled>("Enabled"),
            wire::member<&I::batch_size>("BatchSize").range(1, 10000),
            wire::member<&I::window_seconds>("MaximumBatchingWindowInSeconds").range(0, 300),
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
            wire::refused("DocumentDBEventSourceConfig", kinesis_only));
    }
};

Task<Result<MappingDescription>> update_event_source_mapping(Lambda& lambda, Caller caller,
                                                             UpdateEventSourceMappingInput input) {
    const MappingSettings defaults;
    MILL_CO_CHECK(check_settings(
        {.record_age_seconds_max =
             input.record_age_seconds_max.value_or(defaults.record_age_seconds_max),
         .response_types = input.response_types.value_or(std::vector<std::string>())}));
    co_return co_await lambda.mappings().update(
        std::move(caller), *std::move(input.uuid),
        {.function = std::move(input.function_name),
         .batch_size = input.batch_size,
         .window_seconds = input.window_seconds,
         .retry_attempts_max = input.retry_attempts_max,
         .record_age_seconds_max = input.record_age_seconds_max,
         .bisect_on_error = input.bisect_on_error,
         .enabled = input.enabled,
         .response_types = std::move(input.response_types)});
}

}  // namespace

extern const wire::Operation update_event_source_mapping_operation;
const wire::Operation update_event_source_mapping_operation =
    wire::operation<&update_event_source_mapping>(
        "UpdateEventSourceMapping",
        {.method = "PUT", .path = "/2015-03-31/event-source-mappings/{UUID}", .status = 202});

}  // namespace mill::lambda
