// SPDX-License-Identifier: Apache-2.0
// GetQueueAttributes: those that were asked for; none if none were.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct GetQueueAttributesInput {
    std::optional<std::string> queue_url;
    std::optional<std::vector<std::string>> attribute_names;

    static constexpr auto shape() {
        using I = GetQueueAttributesInput;
        return wire::structure(
            "GetQueueAttributesRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::attribute_names>("AttributeNames").flat("AttributeName"));
    }
};

struct GetQueueAttributesOutput {
    std::optional<Attributes> attributes;

    static constexpr auto shape() {
        return wire::structure("GetQueueAttributesResult",
                               attributes_member<&GetQueueAttributesOutput::attributes>());
    }
};

Attributes all_attributes(Queue& queue) {
    const QueueRow& row = queue.row();
    constexpr std::int64_t ms_per_second = 1000;
    Attributes all = with_defaults(row.attributes);
    all["QueueArn"] = row.arn();
    all["CreatedTimestamp"] = std::to_string(row.created_ms / ms_per_second);
    all["LastModifiedTimestamp"] = std::to_string(row.modified_ms / ms_per_second);
    const Schedule::Counts counts = queue.counts();
    all["ApproximateNumberOfMessages"] = std::to_string(counts.waiting);
    all["ApproximateNumberOfMessagesDelayed"] = std::to_string(counts.delayed);
    all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(counts.in_flight);
    return all;
}

Task<Result<GetQueueAttributesOutput>> get_queue_attributes(Sqs& sqs, Caller caller,
                                                            GetQueueAttributesInput input) {
    MILL_CO_TRY(const auto queue, co_await sqs.ready_queue(caller, *std::move(input.queue_url)));
    const auto names = std::move(input.attribute_names).value_or(std::vector<std::string>());
    for (const std::string& name : names) {
        if (!is_attribute(name))
            co_return fail("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name), 400);
    }
    Attributes found = all_attributes(*queue);
    if (std::ranges::find(names, "All") == names.end()) {
        std::erase_if(found, [&](const auto& attribute) {
            return std::ranges::find(names, attribute.first) == names.end();
        });
    }
    GetQueueAttributesOutput output;
    if (!found.empty()) output.attributes = std::move(found);
    co_return output;
}

}  // namespace

extern const wire::Operation get_queue_attributes_operation;
const wire::Operation get_queue_attributes_operation =
    wire::operation<&get_queue_attributes>("GetQueueAttributes");

}  // namespace mill::sqs
