// SPDX-License-Identifier: Apache-2.0
// GetResourcePolicy: the text as it was put.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetResourcePolicy.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct GetResourcePolicyInput {
    std::optional<std::string> resource_arn;

    static constexpr auto shape() {
        return wire::structure("GetResourcePolicyInput",
                               resource_arn_member<&GetResourcePolicyInput::resource_arn>());
    }
};

struct GetResourcePolicyOutput {
    std::string policy;

    static constexpr auto shape() {
        return wire::structure("GetResourcePolicyOutput",
                               wire::member<&GetResourcePolicyOutput::policy>("Policy"));
    }
};

Task<Result<GetResourcePolicyOutput>> get_resource_policy(Kinesis& kinesis, Caller,
                                                          GetResourcePolicyInput input) {
    MILL_CO_TRY(const auto resource, kinesis.find_resource(*input.resource_arn));
    std::string policy =
        resource.stream ? resource.stream->row().policy : resource.consumer->row.policy;
    if (policy.empty()) {
        co_return fail("ResourceNotFoundException",
                       "No resource policy found for resource ARN " + *input.resource_arn, 400);
    }
    co_return GetResourcePolicyOutput{std::move(policy)};
}

}  // namespace

extern const wire::Operation get_resource_policy_operation;
const wire::Operation get_resource_policy_operation =
    wire::operation<&get_resource_policy>("GetResourcePolicy");

}  // namespace mill::kinesis
