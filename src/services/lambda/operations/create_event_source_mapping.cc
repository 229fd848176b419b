// SPDX-License-Identifier: Apache-2.0
// CreateEventSourceMapping: feed a stream's records, or a queue's messages, to a function.
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
    std::optional<std::int64_t> parallelization_factor;
    std::optional<std::int64_t> tumbling_window_seconds;
    std::optional<FilterCriteria> filter_criteria;
    std::optional<DestinationConfig> destination_config;
    std::optional<std::string> kms_key_arn;
    std::optional<MetricsConfig> metrics_config;
    std::optional<ScalingConfig> scaling_config;
    std::optional<std::map<std::string, std::string>> tags;

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
            wire::member<&I::parallelization_factor>("ParallelizationFactor").range(1, 10),
            wire::member<&I::tumbling_window_seconds>("TumblingWindowInSeconds").range(0, 900),
            wire::member<&I::filter_criteria>("FilterCriteria"),
            wire::member<&I::destination_config>("DestinationConfig"),
            wire::member<&I::kms_key_arn>("KMSKeyArn").pattern(kms_key_arn_pattern),
            wire::member<&I::metrics_config>("MetricsConfig"), of_other_source("LoggingConfig"),
            of_other_source("ProvisionedPollerConfig"),
            wire::member<&I::scaling_config>("ScalingConfig"),
            of_other_source("SourceAccessConfigurations"),
            of_other_source("SelfManagedKafkaEventSourceConfig"),
            of_other_source("AmazonManagedKafkaEventSourceConfig"),
            of_other_source("DocumentDBEventSourceConfig"),
            of_other_source("SelfManagedEventSource"), of_other_source("Queues"),
            of_other_source("Topics"), wire::member<&I::tags>("Tags"));
    }
};

Task<Result<MappingDescription>> create_event_source_mapping(Lambda& lambda, Caller caller,
                                                             CreateEventSourceMappingInput input) {
    if (!input.event_source_arn) co_return invalid("Unrecognized event source.");
    SettingsChange settings{.batch_size = input.batch_size,
                            .window_seconds = input.window_seconds,
                            .retry_attempts_max = input.retry_attempts_max,
                            .record_age_seconds_max = input.record_age_seconds_max,
                            .parallelization_factor = input.parallelization_factor,
                            .tumbling_window_seconds = input.tumbling_window_seconds,
                            .bisect_on_error = input.bisect_on_error,
                            .response_types = std::move(input.response_types),
                            .filter_criteria = std::move(input.filter_criteria),
                            .destination_config = std::move(input.destination_config),
                            .kms_key_arn = std::move(input.kms_key_arn),
                            .metrics_config = std::move(input.metrics_config),
                            .scaling_config = input.scaling_config};
    MILL_CO_CHECK(check_change(settings, *input.event_source_arn));
    Mappings::Create request{.function = *std::move(input.function_name),
                             .source_arn = *input.event_source_arn,
                             .starting_position = std::move(input.starting_position).value_or(""),
                             .starting_time = input.starting_time,
                             .settings = default_settings(*input.event_source_arn),
                             .enabled = input.enabled.value_or(true)};
    apply_change(std::move(settings), request.settings);
    if (input.tags) request.tags = *std::move(input.tags);
    co_return co_await lambda.mappings().create(std::move(caller), std::move(request));
}

}  // namespace

extern const wire::Operation create_event_source_mapping_operation;
const wire::Operation create_event_source_mapping_operation =
    wire::operation<&create_event_source_mapping>(
        "CreateEventSourceMapping",
        {.method = "POST", .path = "/2015-03-31/event-source-mappings", .status = 202});

}  // namespace mill::lambda
