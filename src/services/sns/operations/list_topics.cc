// SPDX-License-Identifier: Apache-2.0
// ListTopics: a hundred at a time.
// https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct ListTopicsInput {
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("ListTopicsInput",
                               wire::member<&ListTopicsInput::next_token>("NextToken"));
    }
};

struct TopicDescription {
    std::string topic_arn;

    static constexpr auto shape() {
        return wire::structure("Topic", wire::member<&TopicDescription::topic_arn>("TopicArn"));
    }
};

struct ListTopicsOutput {
    std::vector<TopicDescription> topics;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("ListTopicsResponse",
                               wire::member<&ListTopicsOutput::topics>("Topics"),
                               wire::member<&ListTopicsOutput::next_token>("NextToken"));
    }
};

Task<Result<ListTopicsOutput>> list_topics(Sns& sns, Caller caller, ListTopicsInput input) {
    constexpr std::size_t page_max = 100;
    MILL_CO_TRY(const std::string after, after_token(input.next_token));
    ListTopicsOutput output;
    for (const TopicPointer& topic : sns.list_topics(caller, after)) {
        if (output.topics.size() == page_max) {
            output.next_token = base64_token(output.topics.back().topic_arn);
            break;
        }
        output.topics.push_back({topic->row.arn()});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_topics_operation;
const wire::Operation list_topics_operation = wire::operation<&list_topics>("ListTopics");

}  // namespace mill::sns
