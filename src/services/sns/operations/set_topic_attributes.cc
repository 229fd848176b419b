// SPDX-License-Identifier: Apache-2.0
// SetTopicAttributes: one at a time, in force when answered.
// https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct SetTopicAttributesInput {
    std::optional<std::string> topic_arn;
    std::optional<std::string> attribute_name;
    std::optional<std::string> attribute_value;

    static constexpr auto shape() {
        using I = SetTopicAttributesInput;
        return wire::structure("SetTopicAttributesInput", topic_arn_member<&I::topic_arn>(),
                               wire::member<&I::attribute_name>("AttributeName").required(),
                               wire::member<&I::attribute_value>("AttributeValue"));
    }
};

Task<Result<wire::Empty>> set_topic_attributes(Sns& sns, Caller, SetTopicAttributesInput input) {
    MILL_CO_TRY(auto topic, sns.find_topic(*input.topic_arn));
    const std::string name = *input.attribute_name, value = input.attribute_value.value_or("");
    if (name == "FifoTopic") co_return invalid_parameter("AttributeName");
    MILL_CO_CHECK(check_topic_attribute(name, value, topic->row.is_fifo()));
    MILL_CO_CHECK(
        co_await sns.change_topic(std::move(topic), [name, value](TopicRow& row) -> Result<void> {
            if (value.empty()) {
                row.attributes.erase(name);
            } else {
                row.attributes.insert_or_assign(name, value);
            }
            return {};
        }));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation set_topic_attributes_operation;
const wire::Operation set_topic_attributes_operation =
    wire::operation<&set_topic_attributes>("SetTopicAttributes");

}  // namespace mill::sns
