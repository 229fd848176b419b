// SPDX-License-Identifier: Apache-2.0
// PutSubscriptionFilter: makes or changes a filter (subscriptions.h). The destination is tried
// first.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct PutSubscriptionFilterInput {
    std::optional<std::string> log_group_name, filter_name, filter_pattern, destination_arn,
        role_arn, distribution;

    static constexpr auto shape() {
        using I = PutSubscriptionFilterInput;
        return wire::structure(
            "PutSubscriptionFilterRequest", group_name_member<&I::log_group_name>().required(),
            filter_name_member<&I::filter_name>().required(),
            wire::member<&I::filter_pattern>("filterPattern")
                .required()
                .length(0, limits::logs::filter_pattern_length_max),
            wire::member<&I::destination_arn>("destinationArn")
                .required()
                .length(1, wire::unbounded_above),
            wire::member<&I::role_arn>("roleArn").length(1, wire::unbounded_above),
            wire::member<&I::distribution>("distribution").one_of(distributions),
            wire::refused("applyOnTransformedLogs", "Log events are not transformed."),
            wire::refused("fieldSelectionCriteria", "Select by filterPattern."),
            wire::refused("emitSystemFields", "Leave it out: events go on as they came."));
    }
};

Task<Result<wire::Empty>> put_subscription_filter(Logs& logs, Caller caller,
                                                  PutSubscriptionFilterInput input) {
    MILL_CO_TRY(const auto group, logs.find_group(caller, *input.log_group_name));
    SubscriptionRow row{.name = *std::move(input.filter_name),
                        .pattern = *std::move(input.filter_pattern),
                        .destination_arn = *std::move(input.destination_arn),
                        .role_arn = std::move(input.role_arn),
                        .distribution = std::move(input.distribution).value_or("ByLogStream")};
    MILL_CO_CHECK(co_await logs.subscribe(group, std::move(row)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation put_subscription_filter_operation;
const wire::Operation put_subscription_filter_operation =
    operation<&put_subscription_filter>("PutSubscriptionFilter");

}  // namespace mill::logs
