// SPDX-License-Identifier: Apache-2.0
// DeleteResourcePolicy.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteResourcePolicy.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct DeleteResourcePolicyInput {
    std::optional<std::string> resource_arn;

    static constexpr auto shape() {
        return wire::structure("DeleteResourcePolicyInput",
                               resource_arn_member<&DeleteResourcePolicyInput::resource_arn>());
    }
};

Task<Result<wire::Empty>> delete_resource_policy(Kinesis& kinesis, Caller,
                                                 DeleteResourcePolicyInput input) {
    MILL_CO_TRY(auto resource, kinesis.find_resource(*input.resource_arn));
    MILL_CO_CHECK(co_await kinesis.set_policy(std::move(resource), {}));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_resource_policy_operation;
const wire::Operation delete_resource_policy_operation =
    wire::operation<&delete_resource_policy>("DeleteResourcePolicy");

}  // namespace mill::kinesis
