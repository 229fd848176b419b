// SPDX-License-Identifier: Apache-2.0
// Publish: answered when every subscriber that wants the message has it, or surely will.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct PublishInput {
    std::optional<std::string> topic_arn;
    std::optional<std::string> target_arn;
    std::optional<std::string> message;
    std::optional<std::string> subject;
    std::optional<std::string> message_structure;
    std::optional<AttributeValues> message_attributes;
    std::optional<std::string> message_deduplication_id;
    std::optional<std::string> message_group_id;

    static constexpr auto shape() {
        using I = PublishInput;
        return wire::structure(
            "PublishInput", wire::member<&I::topic_arn>("TopicArn"),
            wire::member<&I::target_arn>("TargetArn"),
            wire::refused("PhoneNumber", "Publish to a topic: no text messages are sent."),
            wire::member<&I::message>("Message").required(), wire::member<&I::subject>("Subject"),
            wire::member<&I::message_structure>("MessageStructure"),
            message_attributes_member<&I::message_attributes>(),
            wire::member<&I::message_deduplication_id>("MessageDeduplicationId"),
            wire::member<&I::message_group_id>("MessageGroupId"));
    }
};

struct PublishOutput {
    std::string message_id;
    std::optional<std::string> sequence_number;

    static constexpr auto shape() {
        return wire::structure("PublishResponse",
                               wire::member<&PublishOutput::message_id>("MessageId"),
                               wire::member<&PublishOutput::sequence_number>("SequenceNumber"));
    }
};

Task<Result<PublishOutput>> publish(Sns& sns, Caller, PublishInput input) {
    if (input.topic_arn.has_value() == input.target_arn.has_value()) {
        co_return invalid_parameter(input.topic_arn
                                        ? "TopicArn Reason: both TopicArn and TargetArn are given"
                                        : "TopicArn or TargetArn Reason: no value for required "
                                          "parameter");
    }
    MILL_CO_TRY(const auto topic,
                sns.find_topic(input.topic_arn ? *input.topic_arn : *input.target_arn));
    MILL_CO_TRY(auto message,
                make_message(topic->row, {std::move(input.message), std::move(input.subject),
                                          std::move(input.message_structure),
                                          std::move(input.message_attributes),
                                          std::move(input.message_deduplication_id),
                                          std::move(input.message_group_id)}));
    MILL_CO_TRY(auto published, co_await sns.publish(topic, std::move(message)));
    co_return PublishOutput{std::move(published.message_id), std::move(published.sequence_number)};
}

}  // namespace

extern const wire::Operation publish_operation;
const wire::Operation publish_operation = wire::operation<&publish>("Publish");

}  // namespace mill::sns
