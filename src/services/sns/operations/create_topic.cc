// SPDX-License-Identifier: Apache-2.0
// CreateTopic: makes a topic, or finds the one that is there with these attributes.
// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct CreateTopicInput {
    std::optional<std::string> name;
    std::optional<Attributes> attributes;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using I = CreateTopicInput;
        return wire::structure(
            "CreateTopicInput", wire::member<&I::name>("Name").required(),
            wire::member<&I::attributes>("Attributes"), wire::member<&I::tags>("Tags"),
            wire::refused("DataProtectionPolicy", "Leave it out: messages are not inspected."));
    }
};

struct CreateTopicOutput {
    std::string topic_arn;

    static constexpr auto shape() {
        return wire::structure("CreateTopicResponse",
                               wire::member<&CreateTopicOutput::topic_arn>("TopicArn"));
    }
};

Task<Result<CreateTopicOutput>> create_topic(Sns& sns, Caller caller, CreateTopicInput input) {
    auto tags = tags_of(input.tags);
    MILL_CO_CHECK(check_tag_count(tags));
    MILL_CO_TRY(const auto topic,
                co_await sns.create_topic(std::move(caller), *std::move(input.name),
                                          std::move(input.attributes).value_or(Attributes()),
                                          std::move(tags)));
    co_return CreateTopicOutput{topic->row.arn()};
}

}  // namespace

extern const wire::Operation create_topic_operation;
const wire::Operation create_topic_operation = wire::operation<&create_topic>("CreateTopic");

}  // namespace mill::sns
