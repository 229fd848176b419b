// SPDX-License-Identifier: Apache-2.0
// ListKeyPolicies: a key has one policy, called default.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct ListKeyPoliciesOutput {
    std::vector<std::string> names;
    Text next_marker;
    bool is_truncated = false;

    static constexpr auto shape() {
        using O = ListKeyPoliciesOutput;
        return wire::structure("ListKeyPoliciesResponse", wire::member<&O::names>("PolicyNames"),
                               wire::member<&O::next_marker>("NextMarker"),
                               wire::member<&O::is_truncated>("Truncated"));
    }
};

Task<Result<ListKeyPoliciesOutput>> list_key_policies(Kms& kms, Caller caller, KeyPageInput input) {
    MILL_CO_CHECK(kms.need(caller, *input.key));
    co_return ListKeyPoliciesOutput{.names = {"default"}};
}

}  // namespace

extern const wire::Operation list_key_policies_operation;
const wire::Operation list_key_policies_operation =
    wire::operation<&list_key_policies>("ListKeyPolicies");

}  // namespace mill::kms
