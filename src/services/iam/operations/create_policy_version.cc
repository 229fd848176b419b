// SPDX-License-Identifier: Apache-2.0
// CreatePolicyVersion: a new document; five versions at most are kept.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct CreatePolicyVersionInput {
    Text arn, document;
    std::optional<bool> as_default;

    static constexpr auto shape() {
        using I = CreatePolicyVersionInput;
        return wire::structure("CreatePolicyVersionRequest", arn_member<&I::arn>().required(),
                               document_member<&I::document>(),
                               wire::member<&I::as_default>("SetAsDefault"));
    }
};

struct CreatePolicyVersionOutput {
    VersionDescription version;
    static constexpr auto shape() {
        return wire::structure("CreatePolicyVersionResponse",
                               wire::member<&CreatePolicyVersionOutput::version>("PolicyVersion"));
    }
};

Task<Result<CreatePolicyVersionOutput>> create_policy_version(Iam& iam, Caller caller,
                                                              CreatePolicyVersionInput input) {
    MILL_CO_TRY(ManagedPolicy policy, iam.need_policy(caller.account, *input.arn));
    MILL_CO_TRY(const PolicyVersion made, add_version(iam, policy, *std::move(input.document),
                                                      input.as_default.value_or(false)));
    storage::Table::Commit commit;
    put(commit, caller.account, policy);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return CreatePolicyVersionOutput{describe(policy, made, false)};
}

}  // namespace

extern const wire::Operation create_policy_version_operation;
const wire::Operation create_policy_version_operation =
    wire::operation<&create_policy_version>("CreatePolicyVersion");

}  // namespace mill::iam
