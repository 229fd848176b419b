// SPDX-License-Identifier: Apache-2.0
// DescribeLogGroups: by name.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
#include <algorithm>

#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

constexpr std::string_view group_classes[] = {"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"};

struct DescribeLogGroupsInput {
    std::optional<std::string> log_group_name_prefix;
    std::optional<std::string> log_group_name_pattern;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> limit;
    std::optional<std::string> log_group_class;
    std::optional<std::vector<std::string>> log_group_identifiers;

    static constexpr auto shape() {
        using I = DescribeLogGroupsInput;
        return wire::structure(
            "DescribeLogGroupsRequest",
            group_name_member<&I::log_group_name_prefix>("logGroupNamePrefix"),
            wire::member<&I::log_group_name_pattern>("logGroupNamePattern")
                .pattern(R"([\.\-_/#A-Za-z0-9]*)")
                .length(0, limits::logs::name_length_max),
            wire::member<&I::next_token>("nextToken").length(1, wire::unbounded_above),
            wire::member<&I::limit>("limit").range(1, limits::logs::describe_max),
            wire::member<&I::log_group_class>("logGroupClass").one_of(group_classes),
            wire::member<&I::log_group_identifiers>("logGroupIdentifiers")
                .length(1, 50)
                .item_length(1, 2048),
            wire::refused("accountIdentifiers", "Each account describes its own log groups."),
            wire::refused("includeLinkedAccounts", "No account is linked to another."));
    }
};

struct LogGroup {
    std::string log_group_name;
    std::int64_t creation_time = 0;
    std::optional<std::int64_t> retention_in_days;
    std::int64_t metric_filter_count = 0;
    std::string arn;
    std::int64_t stored_bytes = 0;
    std::string log_group_class = "STANDARD";
    std::string log_group_arn;
    bool deletion_protection_enabled = false;

    static constexpr auto shape() {
        using G = LogGroup;
        return wire::structure(
            "LogGroup", wire::member<&G::log_group_name>("logGroupName"),
            wire::member<&G::creation_time>("creationTime"),
            wire::member<&G::retention_in_days>("retentionInDays"),
            wire::member<&G::metric_filter_count>("metricFilterCount"),
            wire::member<&G::arn>("arn"), wire::member<&G::stored_bytes>("storedBytes"),
            wire::member<&G::log_group_class>("logGroupClass"),
            wire::member<&G::log_group_arn>("logGroupArn"),
            wire::member<&G::deletion_protection_enabled>("deletionProtectionEnabled"));
    }
};

struct DescribeLogGroupsOutput {
    std::vector<LogGroup> log_groups;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("DescribeLogGroupsResponse",
                               wire::member<&DescribeLogGroupsOutput::log_groups>("logGroups"),
                               wire::member<&DescribeLogGroupsOutput::next_token>("nextToken"));
    }
};

LogGroup describe(const GroupRow& row) {
    LogGroup group;
    group.log_group_name = row.name;
    group.creation_time = row.created_ms;
    group.retention_in_days = row.retention_days;
    group.arn = row.arn() + ":*";
    group.log_group_arn = row.arn();
    return group;
}

// All groups are of one class.
bool fits(const DescribeLogGroupsInput& input, const GroupRow& row) {
    if (input.log_group_class.value_or("STANDARD") != "STANDARD") return false;
    if (!row.name.starts_with(input.log_group_name_prefix.value_or(""))) return false;
    if (!row.name.contains(input.log_group_name_pattern.value_or(""))) return false;
    if (!input.log_group_identifiers) return true;
    return std::ranges::any_of(*input.log_group_identifiers, [&](const std::string& identifier) {
        return identifier == row.name || identifier == row.arn();
    });
}

Task<Result<DescribeLogGroupsOutput>> describe_log_groups(Logs& logs, Caller caller,
                                                          DescribeLogGroupsInput input) {
    if (input.log_group_name_prefix && input.log_group_name_pattern) {
        co_return invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    MILL_CO_TRY(const std::string after, name_of_token(input.next_token));
    const auto limit = static_cast<std::size_t>(input.limit.value_or(limits::logs::describe_max));
    DescribeLogGroupsOutput output;
    for (const auto& group : logs.list_groups(caller, after)) {
        const GroupRow& row = group->row();
        if (!fits(input, row)) continue;
        if (output.log_groups.size() == limit) {
            output.next_token = token_of_name(output.log_groups.back().log_group_name);
            break;
        }
        output.log_groups.push_back(describe(row));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation describe_log_groups_operation;
const wire::Operation describe_log_groups_operation =
    operation<&describe_log_groups>("DescribeLogGroups");

}  // namespace mill::logs
