// SPDX-License-Identifier: Apache-2.0
// GetSubscriptionAttributes: what was set, and what AWS tells beside it.
// https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html
#include <fmt/format.h>

#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct GetSubscriptionAttributesInput {
    std::optional<std::string> subscription_arn;

    static constexpr auto shape() {
        return wire::structure(
            "GetSubscriptionAttributesInput",
            wire::member<&GetSubscriptionAttributesInput::subscription_arn>("SubscriptionArn")
                .required());
    }
};

struct GetSubscriptionAttributesOutput {
    Attributes attributes;

    static constexpr auto shape() {
        return wire::structure(
            "GetSubscriptionAttributesResponse",
            wire::member<&GetSubscriptionAttributesOutput::attributes>("Attributes"));
    }
};

Task<Result<GetSubscriptionAttributesOutput>> get_subscription_attributes(
    Sns& sns, Caller caller, GetSubscriptionAttributesInput input) {
    MILL_CO_TRY(const auto found, sns.find_subscription(*input.subscription_arn));
    const SubscriptionRow& row = found.subscription->row;
    GetSubscriptionAttributesOutput output{row.attributes};
    Attributes& all = output.attributes;
    all["SubscriptionArn"] = row.arn();
    all["TopicArn"] = row.topic_arn;
    all["Owner"] = row.owner;
    all["Protocol"] = row.protocol;
    all["Endpoint"] = row.endpoint;
    all["PendingConfirmation"] = row.is_pending() ? "true" : "false";
    all["ConfirmationWasAuthenticated"] = row.protocol.starts_with("http") ? "false" : "true";
    all["SubscriptionPrincipal"] = fmt::format("arn:aws:iam::{}:root", caller.account);
    all.try_emplace("RawMessageDelivery", "false");
    if (all.contains("FilterPolicy")) all.try_emplace("FilterPolicyScope", "MessageAttributes");
    co_return output;
}

}  // namespace

extern const wire::Operation get_subscription_attributes_operation;
const wire::Operation get_subscription_attributes_operation =
    wire::operation<&get_subscription_attributes>("GetSubscriptionAttributes");

}  // namespace mill::sns
