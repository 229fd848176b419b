// SPDX-License-Identifier: Apache-2.0
// GetEventSourceMapping: the mapping and what its last poll said.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
#include "services/lambda/lambda.h"
#include "services/lambda/mappings/mappings.h"

namespace mill::lambda {
namespace {

struct GetEventSourceMappingInput {
    std::optional<std::string> uuid;

    static constexpr auto shape() {
        return wire::structure(
            "GetEventSourceMappingRequest",
            wire::member<&GetEventSourceMappingInput::uuid>("UUID").required().uri());
    }
};

Task<Result<MappingDescription>> get_event_source_mapping(Lambda& lambda, Caller caller,
                                                          GetEventSourceMappingInput input) {
    co_return lambda.mappings().get(caller, *input.uuid);
}

}  // namespace

extern const wire::Operation get_event_source_mapping_operation;
const wire::Operation get_event_source_mapping_operation =
    wire::operation<&get_event_source_mapping>(
        "GetEventSourceMapping",
        {.method = "GET", .path = "/2015-03-31/event-source-mappings/{UUID}", .status = 200});

}  // namespace mill::lambda
