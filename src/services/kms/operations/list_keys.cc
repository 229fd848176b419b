// SPDX-License-Identifier: Apache-2.0
// ListKeys: the keys of the account in the region.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

constexpr std::int64_t page_default = 100;

struct ListKeysInput {
    std::optional<std::int64_t> limit;
    Text marker;

    static constexpr auto shape() {
        using I = ListKeysInput;
        return wire::structure("ListKeysRequest", limit_member<&I::limit>(),
                               marker_member<&I::marker>());
    }
};

struct KeyEntry {
    std::string id, arn;
    static constexpr auto shape() {
        return wire::structure("KeyListEntry", wire::member<&KeyEntry::id>("KeyId"),
                               wire::member<&KeyEntry::arn>("KeyArn"));
    }
};

struct ListKeysOutput {
    std::vector<KeyEntry> keys;
    Text next_marker;
    bool is_truncated = false;

    static constexpr auto shape() {
        using O = ListKeysOutput;
        return wire::structure("ListKeysResponse", wire::member<&O::keys>("Keys"),
                               wire::member<&O::next_marker>("NextMarker"),
                               wire::member<&O::is_truncated>("Truncated"));
    }
};

Task<Result<ListKeysOutput>> list_keys(Kms& kms, Caller caller, ListKeysInput input) {
    const auto page = static_cast<std::size_t>(input.limit.value_or(page_default));
    MILL_CO_TRY(const std::string after, after_marker(input.marker));
    MILL_CO_TRY(auto found, kms.keys(caller, after, page + 1));
    ListKeysOutput output{.is_truncated = found.size() > page};
    if (output.is_truncated) {
        found.pop_back();
        output.next_marker = marker_after(found.back().id);
    }
    for (const Key& key : found) output.keys.push_back({key.id, key.arn()});
    co_return output;
}

}  // namespace

extern const wire::Operation list_keys_operation;
const wire::Operation list_keys_operation = wire::operation<&list_keys>("ListKeys");

}  // namespace mill::kms
