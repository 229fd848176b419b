// SPDX-License-Identifier: Apache-2.0
// ListDeadLetterSourceQueues: whose dead letters come to a queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct ListDeadLetterSourceQueuesInput {
    std::optional<std::string> queue_url;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> max_results;

    static constexpr auto shape() {
        using I = ListDeadLetterSourceQueuesInput;
        return wire::structure(
            "ListDeadLetterSourceQueuesRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::next_token>("NextToken"), wire::member<&I::max_results>("MaxResults"));
    }
};

struct ListDeadLetterSourceQueuesOutput {
    std::vector<std::string> queue_urls;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using O = ListDeadLetterSourceQueuesOutput;
        return wire::structure("ListDeadLetterSourceQueuesResult",
                               wire::member<&O::queue_urls>("queueUrls").flat("QueueUrl"),
                               wire::member<&O::next_token>("NextToken"));
    }
};

Task<Result<ListDeadLetterSourceQueuesOutput>> list_dead_letter_source_queues(
    Sqs& sqs, Caller caller, ListDeadLetterSourceQueuesInput input) {
    const std::int64_t limit = input.max_results.value_or(limits::sqs::list_max);
    MILL_CO_CHECK(check_range("MaxResults", limit, 1, limits::sqs::list_max));
    MILL_CO_TRY(const std::string after, after_token(input.next_token));
    MILL_CO_TRY(const auto queue, sqs.find_queue(caller, *input.queue_url));
    ListDeadLetterSourceQueuesOutput output;
    std::string last;
    for (const QueuePointer& source : sqs.sources_of(*queue, after)) {
        if (std::cmp_equal(output.queue_urls.size(), limit)) {
            output.next_token = base64_encode(last);
            break;
        }
        output.queue_urls.push_back(sqs.url_of(caller, source->row()));
        last = source->row().name;
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_dead_letter_source_queues_operation;
const wire::Operation list_dead_letter_source_queues_operation =
    wire::operation<&list_dead_letter_source_queues>("ListDeadLetterSourceQueues");

}  // namespace mill::sqs
