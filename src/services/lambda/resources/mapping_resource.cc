// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mapping_options.h"
#include "services/lambda/mappings/mappings.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"
#include "services/lambda/tags.h"

namespace mill::lambda {

extern const wire::Operation create_event_source_mapping_operation;
extern const wire::Operation update_event_source_mapping_operation;

namespace {

constexpr std::string_view create_only[] = {"EventSourceArn", "StartingPosition",
                                            "StartingPositionTimestamp"};

using wire::Value;

ports::Resource resource_of(const std::string& uuid, const std::string& arn) {
    ports::Resource resource{.physical_id = uuid};
    resource.attributes["Id"] = uuid;
    resource.attributes["EventSourceMappingArn"] = arn;
    return resource;
}

// Templates spell it otherwise than the API.
void rename_key(Value& properties) {
    if (const Value* key = properties.find("KmsKeyArn")) {
        properties["KMSKeyArn"] = Value(*key);
        properties.erase("KmsKeyArn");
    }
}

// What the template no longer names returns to its default.
Value update_part(Value properties, const std::string& uuid) {
    const std::string source_arn = wire::text_of(properties, "EventSourceArn");
    for (const std::string_view fixed :
         {"EventSourceArn", "StartingPosition", "StartingPositionTimestamp"}) {
        properties.erase(fixed);
    }
    const MappingSettings defaults = default_settings(source_arn);
    properties["UUID"] = uuid;
    set_default(properties, "Enabled", true);
    set_default(properties, "BatchSize", defaults.batch_size);
    set_default(properties, "MaximumBatchingWindowInSeconds", defaults.window_seconds);
    set_default(properties, "FunctionResponseTypes", Value::list());
    set_default(properties, "FilterCriteria", Value::map());
    set_default(properties, "KMSKeyArn", "");
    set_default(properties, "MetricsConfig", Value::map());
    if (is_queue_arn(source_arn)) {
        set_default(properties, "ScalingConfig", Value::map());
        return properties;
    }
    set_default(properties, "MaximumRecordAgeInSeconds", defaults.record_age_seconds_max);
    set_default(properties, "MaximumRetryAttempts", defaults.retry_attempts_max);
    set_default(properties, "BisectBatchOnFunctionError", defaults.bisect_on_error);
    set_default(properties, "ParallelizationFactor", defaults.parallelization_factor);
    set_default(properties, "TumblingWindowInSeconds", defaults.tumbling_window_seconds);
    set_default(properties, "DestinationConfig", Value::map());
    return properties;
}

Task<Result<ports::Resource>> create_mapping(Lambda& lambda, ports::ResourceRequest request) {
    rename_key(request.properties);
    MILL_CO_CHECK(fit_tags(request.properties));
    MILL_CO_CHECK(fit(*create_event_source_mapping_operation.input, request.properties));
    MILL_CO_TRY(const wire::Output made,
                co_await create_event_source_mapping_operation.invoke(
                    &lambda, request.caller, std::move(request.properties)));
    const MappingDescription mapping = *static_cast<const MappingDescription*>(made.object.get());
    co_await lambda.mappings().settled(mapping.uuid);
    co_return resource_of(mapping.uuid, mapping.mapping_arn);
}

Task<Result<ports::Resource>> update_mapping(Lambda& lambda, ports::ResourceRequest request,
                                             std::string physical_id, wire::Value) {
    rename_key(request.properties);
    MILL_CO_CHECK(fit_tags(request.properties));
    const Tags tags = tags_in(request.properties);
    request.properties.erase("Tags");
    Value change = update_part(std::move(request.properties), physical_id);
    MILL_CO_CHECK(fit(*update_event_source_mapping_operation.input, change));
    co_await lambda.mappings().settled(physical_id);  // a crash may have left it half changed
    MILL_CO_TRY(const wire::Output made, co_await update_event_source_mapping_operation.invoke(
                                             &lambda, request.caller, std::move(change)));
    const MappingDescription mapping = *static_cast<const MappingDescription*>(made.object.get());
    co_await lambda.mappings().settled(physical_id);
    MILL_CO_CHECK(co_await lambda.mappings().set_tags(request.caller, physical_id, tags));
    co_return resource_of(mapping.uuid, mapping.mapping_arn);
}

Task<Result<void>> remove_mapping(Lambda& lambda, ports::ResourceRequest request,
                                  std::string physical_id) {
    co_await lambda.mappings().settled(physical_id);  // a crash may have left it half changed
    const auto removed = co_await lambda.mappings().remove(request.caller, physical_id);
    if (!removed && removed.error().code != "ResourceNotFoundException")
        co_return std::unexpected(removed.error());
    co_await lambda.mappings().settled(physical_id);
    co_return Result<void>();
}

}  // namespace

const ResourceType mapping_resource{"AWS::Lambda::EventSourceMapping", create_only, &create_mapping,
                                    &update_mapping, &remove_mapping};

}  // namespace mill::lambda
