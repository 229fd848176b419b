// SPDX-License-Identifier: Apache-2.0
// ListSubscriptionsByTopic: of one topic, a hundred at a time.
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct ListSubscriptionsByTopicInput {
    std::optional<std::string> topic_arn;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using I = ListSubscriptionsByTopicInput;
        return wire::structure("ListSubscriptionsByTopicInput", topic_arn_member<&I::topic_arn>(),
                               wire::member<&I::next_token>("NextToken"));
    }
};

Task<Result<SubscriptionPage>> list_subscriptions_by_topic(Sns& sns, Caller,
                                                           ListSubscriptionsByTopicInput input) {
    MILL_CO_TRY(const auto topic, sns.find_topic(*input.topic_arn));
    std::vector<SubscriptionPointer> all;
    for (const auto& [arn, subscription] : topic->subscriptions) all.push_back(subscription);
    co_return page_of(std::move(all), input.next_token);
}

}  // namespace

extern const wire::Operation list_subscriptions_by_topic_operation;
const wire::Operation list_subscriptions_by_topic_operation =
    wire::operation<&list_subscriptions_by_topic>("ListSubscriptionsByTopic");

}  // namespace mill::sns
