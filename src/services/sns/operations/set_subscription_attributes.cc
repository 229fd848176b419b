// SPDX-License-Identifier: Apache-2.0
// SetSubscriptionAttributes: one at a time, in force when answered.
// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct SetSubscriptionAttributesInput {
    std::optional<std::string> subscription_arn;
    std::optional<std::string> attribute_name;
    std::optional<std::string> attribute_value;

    static constexpr auto shape() {
        using I = SetSubscriptionAttributesInput;
        return wire::structure("SetSubscriptionAttributesInput",
                               wire::member<&I::subscription_arn>("SubscriptionArn").required(),
                               wire::member<&I::attribute_name>("AttributeName").required(),
                               wire::member<&I::attribute_value>("AttributeValue"));
    }
};

Task<Result<wire::Empty>> set_subscription_attributes(Sns& sns, Caller,
                                                      SetSubscriptionAttributesInput input) {
    MILL_CO_TRY(auto found, sns.find_subscription(*input.subscription_arn));
    const std::string name = *input.attribute_name, value = input.attribute_value.value_or("");
    const auto change = [name, value](SubscriptionRow& row) -> Result<void> {
        Attributes changed = row.attributes;
        changed.insert_or_assign(name, value);
        // The scope decides what a policy may be.
        MILL_CHECK(check_subscription_attributes(changed));
        if (value.empty() || (name == "FilterPolicy" && value == "{}")) changed.erase(name);
        row.attributes = std::move(changed);
        return {};
    };
    MILL_CO_CHECK(co_await sns.change_subscription(std::move(found), change));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation set_subscription_attributes_operation;
const wire::Operation set_subscription_attributes_operation =
    wire::operation<&set_subscription_attributes>("SetSubscriptionAttributes");

}  // namespace mill::sns
