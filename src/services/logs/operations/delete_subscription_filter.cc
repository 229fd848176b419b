// SPDX-License-Identifier: Apache-2.0
// DeleteSubscriptionFilter.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteSubscriptionFilter.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct DeleteSubscriptionFilterInput {
    std::optional<std::string> log_group_name, filter_name;

    static constexpr auto shape() {
        using I = DeleteSubscriptionFilterInput;
        return wire::structure("DeleteSubscriptionFilterRequest",
                               group_name_member<&I::log_group_name>().required(),
                               filter_name_member<&I::filter_name>().required());
    }
};

Task<Result<wire::Empty>> delete_subscription_filter(Logs& logs, Caller caller,
                                                     DeleteSubscriptionFilterInput input) {
    MILL_CO_TRY(auto group, logs.find_group(caller, *input.log_group_name));
    MILL_CO_CHECK(
        co_await logs.subscriptions().remove(std::move(group), *std::move(input.filter_name)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_subscription_filter_operation;
const wire::Operation delete_subscription_filter_operation =
    operation<&delete_subscription_filter>("DeleteSubscriptionFilter");

}  // namespace mill::logs
