// SPDX-License-Identifier: Apache-2.0
// ListAccountAliases: accounts have none here.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html
#include "services/iam/declarations.h"

namespace mill::iam {
namespace {

struct ListAccountAliasesInput {
    Text marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListAccountAliasesInput;
        return wire::structure("ListAccountAliasesRequest", marker_member<&I::marker>(),
                               max_items_member<&I::max_items>());
    }
};

struct ListAccountAliasesOutput {
    std::vector<std::string> aliases;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListAccountAliasesOutput;
        return wire::structure(
            "ListAccountAliasesResponse", wire::member<&O::aliases>("AccountAliases"),
            wire::member<&O::is_truncated>("IsTruncated"), wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListAccountAliasesOutput>> list_account_aliases(Iam&, Caller, ListAccountAliasesInput) {
    co_return ListAccountAliasesOutput{};
}

}  // namespace

extern const wire::Operation list_account_aliases_operation;
const wire::Operation list_account_aliases_operation =
    wire::operation<&list_account_aliases>("ListAccountAliases");

}  // namespace mill::iam
