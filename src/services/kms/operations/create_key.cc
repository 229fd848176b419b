// SPDX-License-Identifier: Apache-2.0
// CreateKey: makes a key: a record with an id and a policy, without material.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct CreateKeyInput {
    Text policy, description, usage, old_spec, spec;
    std::optional<bool> bypass;
    std::optional<std::vector<Tag>> tags;

    static constexpr auto shape() {
        using I = CreateKeyInput;
        using wire::member;
        return wire::structure(
            "CreateKeyRequest", policy_member<&I::policy>(),
            member<&I::description>("Description").length(0, 8192),
            member<&I::usage>("KeyUsage").one_of(usages),
            member<&I::old_spec>("CustomerMasterKeySpec").one_of(old_specs),
            member<&I::spec>("KeySpec").one_of(specs),
            wire::refused("Origin", "Leave it out: keys have no material.").unless("AWS_KMS"),
            wire::refused("CustomKeyStoreId", "Leave it out: there are no key stores."),
            member<&I::bypass>("BypassPolicyLockoutSafetyCheck"), member<&I::tags>("Tags"),
            wire::refused("MultiRegion", "Leave it out: a key is in one region."),
            wire::refused("XksKeyId", "Leave it out: there are no key stores."));
    }
};

struct CreateKeyOutput {
    KeyMetadata key;

    static constexpr auto shape() {
        return wire::structure("CreateKeyResponse",
                               wire::member<&CreateKeyOutput::key>("KeyMetadata"));
    }
};

Task<Result<CreateKeyOutput>> create_key(Kms& kms, Caller caller, CreateKeyInput input) {
    KeyDraft draft{.description = std::move(input.description),
                   .policy = std::move(input.policy),
                   .usage = std::move(input.usage),
                   .spec = input.spec ? std::move(input.spec) : std::move(input.old_spec)};
    MILL_CO_CHECK(add_tags(draft.tags, input.tags));
    MILL_CO_TRY(const Key key, co_await kms.add(std::move(caller), std::move(draft)));
    co_return CreateKeyOutput{describe(key)};
}

}  // namespace

extern const wire::Operation create_key_operation;
const wire::Operation create_key_operation = wire::operation<&create_key>("CreateKey");

}  // namespace mill::kms
