// SPDX-License-Identifier: Apache-2.0
// DeleteEventSourceMapping: the delivery under way is finished first; the answer shows State
// Deleting. https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html
#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mappings.h"

namespace mill::lambda {
namespace {

struct DeleteEventSourceMappingInput {
    std::optional<std::string> uuid;

    static constexpr auto shape() {
        return wire::structure(
            "DeleteEventSourceMappingRequest",
            wire::member<&DeleteEventSourceMappingInput::uuid>("UUID").required().uri());
    }
};

Task<Result<MappingDescription>> delete_event_source_mapping(Lambda& lambda, Caller caller,
                                                             DeleteEventSourceMappingInput input) {
    co_return co_await lambda.mappings().remove(std::move(caller), *std::move(input.uuid));
}

}  // namespace

extern const wire::Operation delete_event_source_mapping_operation;
const wire::Operation delete_event_source_mapping_operation =
    wire::operation<&delete_event_source_mapping>(
        "DeleteEventSourceMapping",
        {.method = "DELETE", .path = "/2015-03-31/event-source-mappings/{UUID}", .status = 202});

}  // namespace mill::lambda
