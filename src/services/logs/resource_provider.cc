// SPDX-License-Identifier: Apache-2.0
#include "services/logs/resource_provider.h"

#include "services/logs/declarations.h"
#include "services/ports/properties.h"

namespace mill::logs {
namespace {

constexpr std::string_view group_type = "AWS::Logs::LogGroup";
constexpr std::string_view stream_type = "AWS::Logs::LogStream";
constexpr std::string_view filter_type = "AWS::Logs::SubscriptionFilter";
constexpr std::string_view all_types[] = {group_type, stream_type, filter_type};
constexpr std::string_view group_create_only[] = {"LogGroupName"};
constexpr std::string_view stream_create_only[] = {"LogGroupName", "LogStreamName"};
constexpr std::string_view filter_create_only[] = {"LogGroupName", "FilterName"};

using Text = std::optional<std::string>;

struct GroupProperties {
    Text name;
    std::optional<std::int64_t> retention_days;
    std::optional<Tags> tags;

    static constexpr auto shape() {
        using P = GroupProperties;
        constexpr std::string_view unprotected = "Leave it out: Millrace has none for log groups.";
        return wire::structure(
            "AWS::Logs::LogGroup", wire::refused("BearerTokenAuthenticationEnabled", unprotected),
            wire::refused("DataProtectionPolicy", unprotected),
            wire::refused("DeletionProtectionEnabled", unprotected),
            wire::refused("FieldIndexPolicies", "Leave it out: nothing is indexed by fields."),
            wire::refused("KmsKeyId", "Leave it out: log events are stored unencrypted."),
            wire::refused("LogGroupClass", "Use STANDARD.").unless("STANDARD"),
            group_name_member<&P::name>("LogGroupName"),
            wire::refused("ResourcePolicyDocument", unprotected),
            wire::member<&P::retention_days>("RetentionInDays"),
            wire::member<&P::tags>("Tags")
                .key_length(1, tag_key_length_max)
                .item_length(0, tag_value_length_max));
    }
};

struct StreamProperties {
    Text group, name;

    static constexpr auto shape() {
        using P = StreamProperties;
        return wire::structure("AWS::Logs::LogStream",
                               group_name_member<&P::group>("LogGroupName").required(),
                               stream_name_member<&P::name>("LogStreamName"));
    }
};

struct FilterProperties {
    Text destination, distribution, name, pattern, group, role;

    static constexpr auto shape() {
        using P = FilterProperties;
        return wire::structure(
            "AWS::Logs::SubscriptionFilter",
            wire::refused("ApplyOnTransformedLogs", "Log events are not transformed."),
            wire::member<&P::destination>("DestinationArn")
                .required()
                .length(1, wire::unbounded_above),
            wire::member<&P::distribution>("Distribution").one_of(distributions),
            wire::refused("EmitSystemFields", "Leave it out: events go on as they came."),
            wire::refused("FieldSelectionCriteria", "Select by FilterPattern."),
            filter_name_member<&P::name>("FilterName"),
            wire::member<&P::pattern>("FilterPattern")
                .required()
                .length(0, limits::logs::filter_pattern_length_max),
            group_name_member<&P::group>("LogGroupName").required(),
            wire::member<&P::role>("RoleArn").length(1, wire::unbounded_above));
    }
};

Result<GroupProperties> group_properties(wire::Value properties) {
    MILL_CHECK(ports::fit_tags(properties));
    MILL_TRY(auto read, ports::read_properties<GroupProperties>(std::move(properties)));
    if (read.retention_days) MILL_CHECK(check_retention(*read.retention_days));
    return read;
}

ports::Resource group_resource(const GroupRow& row) {
    ports::Resource resource{.physical_id = row.name};
    resource.attributes["Arn"] = row.arn() + ":*";
    return resource;
}

// What is gone is removed.
Result<void> unless_gone(Result<void> removed) {
    if (!removed && removed.error().code == "ResourceNotFoundException") return {};
    return removed;
}

}  // namespace

std::span<const std::string_view> LogResources::types() const { return all_types; }

std::span<const std::string_view> LogResources::create_only(std::string_view type) const {
    if (type == group_type) return group_create_only;
    if (type == stream_type) return stream_create_only;
    return filter_create_only;
}

Task<Result<ports::Resource>> LogResources::create(ports::ResourceRequest request) {
    if (request.type == group_type) co_return co_await create_group(std::move(request));
    if (request.type == stream_type) co_return co_await create_stream(std::move(request));
    std::string name = wire::text_of(request.properties, "FilterName", request.generated_name);
    co_return co_await put_filter(std::move(request), std::move(name));
}

Task<Result<ports::Resource>> LogResources::update(ports::ResourceRequest request,
                                                   std::string physical_id,
                                                   wire::Value old_properties) {
    for (const std::string_view fixed : create_only(request.type)) {
        if (ports::differ(request.properties, old_properties, {fixed}))
            co_return ports::needs_replacement(fixed);
    }
    if (request.type == stream_type) co_return ports::Resource{.physical_id = physical_id};
    if (request.type == filter_type)
        co_return co_await put_filter(std::move(request), std::move(physical_id));
    co_return co_await update_group(std::move(request), std::move(physical_id),
                                    std::move(old_properties));
}

Task<Result<void>> LogResources::remove(ports::ResourceRequest request, std::string physical_id) {
    const bool is_group = request.type == group_type;
    const auto group = logs_.find_group(
        request.caller, is_group ? physical_id : wire::text_of(request.properties, "LogGroupName"));
    if (!group) co_return unless_gone(std::unexpected(group.error()));
    if (is_group) co_return unless_gone(co_await logs_.delete_group(*group));
    if (request.type == filter_type)
        co_return unless_gone(co_await logs_.subscriptions().remove(*group, physical_id));
    (*group)->remove_stream(physical_id);
    co_return co_await logs_.save(*group);
}

Task<Result<ports::Resource>> LogResources::create_group(ports::ResourceRequest request) {
    MILL_CO_TRY(GroupProperties properties, group_properties(std::move(request.properties)));
    const std::string name = properties.name.value_or(request.generated_name);
    MILL_CO_CHECK(
        co_await logs_.create_group(request.caller, name,
                                    {.retention_days = properties.retention_days,
                                     .tags = std::move(properties.tags).value_or(Tags())}));
    MILL_CO_TRY(const auto group, logs_.find_group(request.caller, name));
    co_return group_resource(group->row());
}

Task<Result<ports::Resource>> LogResources::update_group(ports::ResourceRequest request,
                                                         std::string name,
                                                         wire::Value old_properties) {
    MILL_CO_TRY(const auto now, group_properties(std::move(request.properties)));
    MILL_CO_TRY(const auto before, group_properties(std::move(old_properties)));
    MILL_CO_TRY(const auto group, logs_.find_group(request.caller, name));
    Tags tags = group->row().tags;
    for (const auto& [key, value] : before.tags.value_or(Tags())) tags.erase(key);
    MILL_CO_TRY(tags, with_tags(std::move(tags), now.tags.value_or(Tags())));
    group->set_tags(std::move(tags));
    group->set_retention(now.retention_days);
    MILL_CO_CHECK(co_await logs_.save(group));
    co_return group_resource(group->row());
}

Task<Result<ports::Resource>> LogResources::create_stream(ports::ResourceRequest request) {
    MILL_CO_TRY(const auto properties,
                ports::read_properties<StreamProperties>(std::move(request.properties)));
    MILL_CO_TRY(const auto group, logs_.find_group(request.caller, *properties.group));
    const std::string name = properties.name.value_or(request.generated_name);
    MILL_CO_CHECK(co_await logs_.create_stream(group, name));
    co_return ports::Resource{.physical_id = name};
}

// A filter of that name is changed, as by PutSubscriptionFilter.
Task<Result<ports::Resource>> LogResources::put_filter(ports::ResourceRequest request,
                                                       std::string name) {
    MILL_CO_TRY(auto properties,
                ports::read_properties<FilterProperties>(std::move(request.properties)));
    MILL_CO_TRY(const auto group, logs_.find_group(request.caller, *properties.group));
    SubscriptionRow row{.name = name,
                        .pattern = *std::move(properties.pattern),
                        .destination_arn = *std::move(properties.destination),
                        .role_arn = std::move(properties.role),
                        .distribution = std::move(properties.distribution).value_or("ByLogStream")};
    MILL_CO_CHECK(co_await logs_.subscribe(group, std::move(row)));
    co_return ports::Resource{.physical_id = std::move(name)};
}

}  // namespace mill::logs
