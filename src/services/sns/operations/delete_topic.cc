// SPDX-License-Identifier: Apache-2.0
// DeleteTopic: the topic and its subscriptions are gone. One that is gone already is no error.
// https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct DeleteTopicInput {
    std::optional<std::string> topic_arn;

    static constexpr auto shape() {
        return wire::structure("DeleteTopicInput",
                               topic_arn_member<&DeleteTopicInput::topic_arn>());
    }
};

Task<Result<wire::Empty>> delete_topic(Sns& sns, Caller, DeleteTopicInput input) {
    const auto topic = sns.find_topic(*input.topic_arn);
    if (!topic && topic.error().code != "NotFound") co_return std::unexpected(topic.error());
    if (topic) MILL_CO_CHECK(co_await sns.delete_topic(*topic));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_topic_operation;
const wire::Operation delete_topic_operation = wire::operation<&delete_topic>("DeleteTopic");

}  // namespace mill::sns
