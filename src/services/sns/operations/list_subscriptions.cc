// SPDX-License-Identifier: Apache-2.0
// ListSubscriptions: of all topics, a hundred at a time.
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct ListSubscriptionsInput {
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("ListSubscriptionsInput",
                               wire::member<&ListSubscriptionsInput::next_token>("NextToken"));
    }
};

Task<Result<SubscriptionPage>> list_subscriptions(Sns& sns, Caller caller,
                                                  ListSubscriptionsInput input) {
    std::vector<SubscriptionPointer> all;
    for (const Sns::Found& found : sns.list_subscriptions(caller))
        all.push_back(found.subscription);
    co_return page_of(std::move(all), input.next_token);
}

}  // namespace

extern const wire::Operation list_subscriptions_operation;
const wire::Operation list_subscriptions_operation =
    wire::operation<&list_subscriptions>("ListSubscriptions");

}  // namespace mill::sns
