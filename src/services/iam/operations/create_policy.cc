// SPDX-License-Identifier: Apache-2.0
// CreatePolicy: makes a managed policy with its first version.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct CreatePolicyInput {
    Text name, path, document, description;
    std::optional<TagList> tags;

    static constexpr auto shape() {
        using I = CreatePolicyInput;
        return wire::structure(
            "CreatePolicyRequest", name_member<&I::name>("PolicyName").required(),
            policy_path_member<&I::path>("Path"), document_member<&I::document>(),
            wire::member<&I::description>("Description").length(0, 1000), tags_member<&I::tags>());
    }
};

struct CreatePolicyOutput {
    PolicyDescription policy;
    static constexpr auto shape() {
        return wire::structure("CreatePolicyResponse",
                               wire::member<&CreatePolicyOutput::policy>("Policy"));
    }
};

Task<Result<CreatePolicyOutput>> create_policy(Iam& iam, Caller caller, CreatePolicyInput input) {
    MILL_CO_TRY(Tags tags, tags_of(input.tags));
    PolicyDraft draft{.name = *std::move(input.name),
                      .path = std::move(input.path),
                      .description = std::move(input.description),
                      .document = *std::move(input.document),
                      .tags = std::move(tags)};
    MILL_CO_TRY(const ManagedPolicy policy, make_policy(iam, caller.account, std::move(draft)));
    storage::Table::Commit commit;
    put(commit, caller.account, policy);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    MILL_CO_TRY(auto described, describe(iam, caller.account, policy, true));
    co_return CreatePolicyOutput{std::move(described)};
}

}  // namespace

extern const wire::Operation create_policy_operation;
const wire::Operation create_policy_operation = wire::operation<&create_policy>("CreatePolicy");

}  // namespace mill::iam
