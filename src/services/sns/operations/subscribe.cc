// SPDX-License-Identifier: Apache-2.0
// Subscribe: a queue or a function is subscribed at once, an HTTP endpoint when it has confirmed.
// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct SubscribeInput {
    std::optional<std::string> topic_arn;
    std::optional<std::string> protocol;
    std::optional<std::string> endpoint;
    std::optional<Attributes> attributes;
    std::optional<bool> return_subscription_arn;

    static constexpr auto shape() {
        using I = SubscribeInput;
        return wire::structure("SubscribeInput", topic_arn_member<&I::topic_arn>(),
                               wire::member<&I::protocol>("Protocol").required(),
                               wire::member<&I::endpoint>("Endpoint"),
                               wire::member<&I::attributes>("Attributes"),
                               wire::member<&I::return_subscription_arn>("ReturnSubscriptionArn"));
    }
};

struct SubscribeOutput {
    std::string subscription_arn;

    static constexpr auto shape() {
        return wire::structure("SubscribeResponse",
                               wire::member<&SubscribeOutput::subscription_arn>("SubscriptionArn"));
    }
};

Task<Result<SubscribeOutput>> subscribe(Sns& sns, Caller caller, SubscribeInput input) {
    MILL_CO_TRY(auto topic, sns.find_topic(*input.topic_arn));
    if (!input.endpoint) co_return invalid_parameter("Endpoint");
    MILL_CO_TRY(const auto made,
                co_await sns.subscribe(std::move(caller), std::move(topic),
                                       *std::move(input.protocol), *std::move(input.endpoint),
                                       std::move(input.attributes).value_or(Attributes())));
    const bool tells_arn = !made->row.is_pending() || input.return_subscription_arn.value_or(false);
    co_return SubscribeOutput{tells_arn ? made->row.arn() : "pending confirmation"};
}

}  // namespace

extern const wire::Operation subscribe_operation;
const wire::Operation subscribe_operation = wire::operation<&subscribe>("Subscribe");

}  // namespace mill::sns
