// SPDX-License-Identifier: Apache-2.0
// PutResourcePolicy: kept and answered; Millrace does not enforce policies, as it runs for one
// user. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutResourcePolicy.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct PutResourcePolicyInput {
    std::optional<std::string> resource_arn;
    std::optional<std::string> policy;

    static constexpr auto shape() {
        using I = PutResourcePolicyInput;
        return wire::structure("PutResourcePolicyInput", resource_arn_member<&I::resource_arn>(),
                               wire::member<&I::policy>("Policy").required());
    }
};

Result<void> check_policy(const std::string& policy) {
    if (policy.size() > static_cast<std::size_t>(limits::kinesis::policy_bytes_max)) {
        return invalid_argument("Policy exceeds 20 KB.");
    }
    const auto document = wire::parse_json(policy);
    if (document && document->find("Statement")) return {};
    return invalid_argument("Policy is not a JSON policy document with a Statement.");
}

Task<Result<wire::Empty>> put_resource_policy(Kinesis& kinesis, Caller,
                                              PutResourcePolicyInput input) {
    MILL_CO_TRY(auto resource, kinesis.find_resource(*input.resource_arn));
    MILL_CO_CHECK(check_policy(*input.policy));
    MILL_CO_CHECK(co_await kinesis.set_policy(std::move(resource), *std::move(input.policy)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation put_resource_policy_operation;
const wire::Operation put_resource_policy_operation =
    wire::operation<&put_resource_policy>("PutResourcePolicy");

}  // namespace mill::kinesis
