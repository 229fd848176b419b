// SPDX-License-Identifier: Apache-2.0
// ListAliases: the aliases of the account in the region, or of one key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

constexpr std::int64_t page_default = 50;

struct ListAliasesInput {
    Text key, marker;
    std::optional<std::int64_t> limit;

    static constexpr auto shape() {
        using I = ListAliasesInput;
        return wire::structure("ListAliasesRequest", key_member<&I::key>(),
                               limit_member<&I::limit>(), marker_member<&I::marker>());
    }
};

struct AliasEntry {
    std::string name, arn, key_id;
    WallTime created, updated;
    static constexpr auto shape() {
        using A = AliasEntry;
        using wire::member;
        return wire::structure("AliasListEntry", member<&A::name>("AliasName"),
                               member<&A::arn>("AliasArn"), member<&A::key_id>("TargetKeyId"),
                               member<&A::created>("CreationDate"),
                               member<&A::updated>("LastUpdatedDate"));
    }
};

struct ListAliasesOutput {
    std::vector<AliasEntry> aliases;
    Text next_marker;
    bool is_truncated = false;

    static constexpr auto shape() {
        using O = ListAliasesOutput;
        return wire::structure("ListAliasesResponse", wire::member<&O::aliases>("Aliases"),
                               wire::member<&O::next_marker>("NextMarker"),
                               wire::member<&O::is_truncated>("Truncated"));
    }
};

Task<Result<ListAliasesOutput>> list_aliases(Kms& kms, Caller caller, ListAliasesInput input) {
    const auto page = static_cast<std::size_t>(input.limit.value_or(page_default));
    MILL_CO_TRY(const std::string after, after_marker(input.marker));
    std::vector<Alias> found;
    if (input.key) {
        MILL_CO_TRY(const Key key, kms.need(caller, *input.key));
        MILL_CO_TRY(found, kms.aliases_of(key, after, page + 1));
    } else {
        MILL_CO_TRY(found, kms.aliases(caller, after, page + 1));
    }
    ListAliasesOutput output{.is_truncated = found.size() > page};
    if (output.is_truncated) {
        found.pop_back();
        output.next_marker = marker_after(found.back().name);
    }
    for (const Alias& alias : found) {
        output.aliases.push_back(
            {alias.name, alias.arn(), alias.key_id, alias.created, alias.updated});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_aliases_operation;
const wire::Operation list_aliases_operation = wire::operation<&list_aliases>("ListAliases");

}  // namespace mill::kms
