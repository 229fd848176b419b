// SPDX-License-Identifier: Apache-2.0
// Unsubscribe: nothing more is delivered. One that is gone already is no error.
// https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct UnsubscribeInput {
    std::optional<std::string> subscription_arn;

    static constexpr auto shape() {
        return wire::structure(
            "UnsubscribeInput",
            wire::member<&UnsubscribeInput::subscription_arn>("SubscriptionArn").required());
    }
};

Task<Result<wire::Empty>> unsubscribe(Sns& sns, Caller, UnsubscribeInput input) {
    auto found = sns.find_subscription(*input.subscription_arn);
    if (!found && found.error().code != "NotFound") co_return std::unexpected(found.error());
    if (found) MILL_CO_CHECK(co_await sns.unsubscribe(*std::move(found)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation unsubscribe_operation;
const wire::Operation unsubscribe_operation = wire::operation<&unsubscribe>("Unsubscribe");

}  // namespace mill::sns
