// SPDX-License-Identifier: Apache-2.0
// DescribeSubscriptionFilters: of one group, by name. A group has two at most: one page holds them,
// unless a limit of one is asked for.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct DescribeSubscriptionFiltersInput {
    std::optional<std::string> log_group_name, filter_name_prefix, next_token;
    std::optional<std::int64_t> limit;

    static constexpr auto shape() {
        using I = DescribeSubscriptionFiltersInput;
        return wire::structure(
            "DescribeSubscriptionFiltersRequest",
            group_name_member<&I::log_group_name>().required(),
            filter_name_member<&I::filter_name_prefix>("filterNamePrefix"),
            wire::member<&I::next_token>("nextToken").length(1, wire::unbounded_above),
            wire::member<&I::limit>("limit").range(1, limits::logs::describe_max));
    }
};

struct SubscriptionFilter {
    std::string filter_name, log_group_name, filter_pattern, destination_arn;
    std::optional<std::string> role_arn;
    std::string distribution;
    bool apply_on_transformed_logs = false;
    std::int64_t creation_time = 0;

    static constexpr auto shape() {
        using F = SubscriptionFilter;
        return wire::structure(
            "SubscriptionFilter", wire::member<&F::filter_name>("filterName"),
            wire::member<&F::log_group_name>("logGroupName"),
            wire::member<&F::filter_pattern>("filterPattern"),
            wire::member<&F::destination_arn>("destinationArn"),
            wire::member<&F::role_arn>("roleArn"), wire::member<&F::distribution>("distribution"),
            wire::member<&F::apply_on_transformed_logs>("applyOnTransformedLogs"),
            wire::member<&F::creation_time>("creationTime"));
    }
};

struct DescribeSubscriptionFiltersOutput {
    std::vector<SubscriptionFilter> subscription_filters;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using O = DescribeSubscriptionFiltersOutput;
        return wire::structure("DescribeSubscriptionFiltersResponse",
                               wire::member<&O::subscription_filters>("subscriptionFilters"),
                               wire::member<&O::next_token>("nextToken"));
    }
};

Task<Result<DescribeSubscriptionFiltersOutput>> describe_subscription_filters(
    Logs& logs, Caller caller, DescribeSubscriptionFiltersInput input) {
    MILL_CO_TRY(const auto group, logs.find_group(caller, *input.log_group_name));
    MILL_CO_TRY(const std::string after, name_of_token(input.next_token));
    const auto limit = static_cast<std::size_t>(input.limit.value_or(limits::logs::describe_max));
    DescribeSubscriptionFiltersOutput output;
    for (const SubscriptionRow& row : logs.subscriptions().of(*group)) {
        if (row.name <= after || !row.name.starts_with(input.filter_name_prefix.value_or("")))
            continue;
        if (output.subscription_filters.size() == limit) {
            output.next_token = token_of_name(output.subscription_filters.back().filter_name);
            break;
        }
        output.subscription_filters.push_back({.filter_name = row.name,
                                               .log_group_name = group->row().name,
                                               .filter_pattern = row.pattern,
                                               .destination_arn = row.destination_arn,
                                               .role_arn = row.role_arn,
                                               .distribution = row.distribution,
                                               .creation_time = row.created_ms});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation describe_subscription_filters_operation;
const wire::Operation describe_subscription_filters_operation =
    operation<&describe_subscription_filters>("DescribeSubscriptionFilters");

}  // namespace mill::logs
