// SPDX-License-Identifier: Apache-2.0
// DeleteStream: the stream is gone for good once this is answered or, while DELETING, goes on to be
// after a restart. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct DeleteStreamInput {
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;
    std::optional<bool> enforce_consumer_deletion;

    static constexpr auto shape() {
        using I = DeleteStreamInput;
        return wire::structure(
            "DeleteStreamInput", stream_name_member<&I::stream_name>(),
            stream_arn_member<&I::stream_arn>(),
            wire::member<&I::enforce_consumer_deletion>("EnforceConsumerDeletion"));
    }
};

Task<Result<wire::Empty>> delete_stream(Kinesis& kinesis, Caller caller, DeleteStreamInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    // AWS names neither the number nor the consumers.
    if (!input.enforce_consumer_deletion.value_or(false) && kinesis.consumer_count(*stream) > 0) {
        co_return fail("ResourceInUseException",
                       "Stream " + stream->row().name + " under account " + stream->row().account +
                           " has registered consumers. Deregister them, or set "
                           "EnforceConsumerDeletion.",
                       400);
    }
    MILL_CO_CHECK(co_await kinesis.delete_stream(std::move(stream)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_stream_operation;
const wire::Operation delete_stream_operation = wire::operation<&delete_stream>("DeleteStream");

}  // namespace mill::kinesis
