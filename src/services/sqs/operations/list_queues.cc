// SPDX-License-Identifier: Apache-2.0
// ListQueues: URLs by name. All of them up to a thousand, or pages of MaxResults.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct ListQueuesInput {
    std::optional<std::string> queue_name_prefix;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> max_results;

    static constexpr auto shape() {
        using I = ListQueuesInput;
        return wire::structure(
            "ListQueuesRequest", wire::member<&I::queue_name_prefix>("QueueNamePrefix"),
            wire::member<&I::next_token>("NextToken"), wire::member<&I::max_results>("MaxResults"));
    }
};

struct ListQueuesOutput {
    std::optional<std::vector<std::string>> queue_urls;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using O = ListQueuesOutput;
        return wire::structure("ListQueuesResult",
                               wire::member<&O::queue_urls>("QueueUrls").flat("QueueUrl"),
                               wire::member<&O::next_token>("NextToken"));
    }
};

Task<Result<ListQueuesOutput>> list_queues(Sqs& sqs, Caller caller, ListQueuesInput input) {
    const std::int64_t limit = input.max_results.value_or(limits::sqs::list_max);
    MILL_CO_CHECK(check_range("MaxResults", limit, 1, limits::sqs::list_max));
    MILL_CO_TRY(const std::string after, after_token(input.next_token));
    ListQueuesOutput output;
    std::vector<std::string> urls;
    std::string last;
    for (const QueuePointer& queue : sqs.list_queues(caller, after)) {
        const QueueRow& row = queue->row();
        if (!row.name.starts_with(input.queue_name_prefix.value_or(""))) continue;
        if (std::cmp_equal(urls.size(), limit)) {
            // Without MaxResults there are no pages.
            if (input.max_results) output.next_token = base64_encode(last);
            break;
        }
        urls.push_back(sqs.url_of(caller, row));
        last = row.name;
    }
    if (!urls.empty()) output.queue_urls = std::move(urls);
    co_return output;
}

}  // namespace

extern const wire::Operation list_queues_operation;
const wire::Operation list_queues_operation = wire::operation<&list_queues>("ListQueues");

}  // namespace mill::sqs
