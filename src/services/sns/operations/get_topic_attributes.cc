// SPDX-License-Identifier: Apache-2.0
// GetTopicAttributes: what was set, and what AWS tells beside it.
// https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct GetTopicAttributesInput {
    std::optional<std::string> topic_arn;

    static constexpr auto shape() {
        return wire::structure("GetTopicAttributesInput",
                               topic_arn_member<&GetTopicAttributesInput::topic_arn>());
    }
};

struct GetTopicAttributesOutput {
    Attributes attributes;

    static constexpr auto shape() {
        return wire::structure("GetTopicAttributesResponse",
                               wire::member<&GetTopicAttributesOutput::attributes>("Attributes"));
    }
};

constexpr std::string_view default_delivery_policy =
    R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,)"
    R"("numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,)"
    R"("backoffFunction":"linear"},"disableSubscriptionOverrides":false,)"
    R"("defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}})";

Task<Result<GetTopicAttributesOutput>> get_topic_attributes(Sns& sns, Caller,
                                                            GetTopicAttributesInput input) {
    MILL_CO_TRY(const auto topic, sns.find_topic(*input.topic_arn));
    GetTopicAttributesOutput output{topic->row.attributes};
    Attributes& all = output.attributes;
    all["TopicArn"] = topic->row.arn();
    all["Owner"] = topic->row.account;
    all.try_emplace("DisplayName", "");
    all["Policy"] = policy_of(topic->row);
    all.try_emplace("EffectiveDeliveryPolicy", default_delivery_policy);
    if (topic->row.is_fifo()) all.try_emplace("ContentBasedDeduplication", "false");
    const auto pending = std::ranges::count_if(
        topic->subscriptions, [](const auto& one) { return one.second->row.is_pending(); });
    all["SubscriptionsPending"] = std::to_string(pending);
    all["SubscriptionsConfirmed"] =
        std::to_string(static_cast<std::ptrdiff_t>(topic->subscriptions.size()) - pending);
    all["SubscriptionsDeleted"] = std::to_string(topic->deleted_subscriptions);
    co_return output;
}

}  // namespace

extern const wire::Operation get_topic_attributes_operation;
const wire::Operation get_topic_attributes_operation =
    wire::operation<&get_topic_attributes>("GetTopicAttributes");

}  // namespace mill::sns
