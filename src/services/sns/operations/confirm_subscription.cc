// SPDX-License-Identifier: Apache-2.0
// ConfirmSubscription: with the token that the endpoint was sent.
// https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct ConfirmSubscriptionInput {
    std::optional<std::string> topic_arn;
    std::optional<std::string> token;
    std::optional<std::string> authenticate_on_unsubscribe;

    static constexpr auto shape() {
        using I = ConfirmSubscriptionInput;
        return wire::structure(
            "ConfirmSubscriptionInput", topic_arn_member<&I::topic_arn>(),
            wire::member<&I::token>("Token").required(),
            wire::member<&I::authenticate_on_unsubscribe>("AuthenticateOnUnsubscribe"));
    }
};

struct ConfirmSubscriptionOutput {
    std::string subscription_arn;

    static constexpr auto shape() {
        return wire::structure(
            "ConfirmSubscriptionResponse",
            wire::member<&ConfirmSubscriptionOutput::subscription_arn>("SubscriptionArn"));
    }
};

// Whoever unsubscribes must have credentials anyway, as any will do.
Task<Result<ConfirmSubscriptionOutput>> confirm_subscription(Sns& sns, Caller,
                                                             ConfirmSubscriptionInput input) {
    MILL_CO_TRY(auto topic, sns.find_topic(*input.topic_arn));
    MILL_CO_TRY(const auto confirmed,
                co_await sns.confirm(std::move(topic), *std::move(input.token)));
    co_return ConfirmSubscriptionOutput{confirmed->row.arn()};
}

}  // namespace

extern const wire::Operation confirm_subscription_operation;
const wire::Operation confirm_subscription_operation =
    wire::operation<&confirm_subscription>("ConfirmSubscription");

}  // namespace mill::sns
