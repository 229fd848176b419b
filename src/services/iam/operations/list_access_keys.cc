// SPDX-License-Identifier: Apache-2.0
// ListAccessKeys: the keys of a user, without their secrets.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
#include "services/iam/policies.h"

namespace mill::iam {
namespace {

struct ListAccessKeysInput {
    Text user, marker;
    std::optional<std::int64_t> max_items;

    static constexpr auto shape() {
        using I = ListAccessKeysInput;
        return wire::structure("ListAccessKeysRequest", name_member<&I::user>("UserName"),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

struct KeyDescription {
    std::string user, id, status;
    WallTime created;
    static constexpr auto shape() {
        using K = KeyDescription;
        return wire::structure("AccessKeyMetadata", wire::member<&K::user>("UserName"),
                               wire::member<&K::id>("AccessKeyId"),
                               wire::member<&K::status>("Status"),
                               wire::member<&K::created>("CreateDate"));
    }
};

struct ListAccessKeysOutput {
    std::vector<KeyDescription> keys;
    bool is_truncated = false;
    Text marker;

    static constexpr auto shape() {
        using O = ListAccessKeysOutput;
        return wire::structure(
            "ListAccessKeysResponse", wire::member<&O::keys>("AccessKeyMetadata"),
            wire::member<&O::is_truncated>("IsTruncated"), wire::member<&O::marker>("Marker"));
    }
};

Task<Result<ListAccessKeysOutput>> list_access_keys(Iam& iam, Caller caller,
                                                    ListAccessKeysInput input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    ListAccessKeysOutput output;
    MILL_CO_TRY(const ports::Identity who, iam.identity_of(caller));
    if (!input.user && !who.user) co_return output;  // the root's
    MILL_CO_TRY(const User user,
                iam.need<User>(caller.account, input.user ? *input.user : *who.user));
    MILL_CO_TRY(const auto ids, iam.names(key_of_user_row(caller.account, user.name, "")));
    for (const std::string& id : ids) {
        MILL_CO_TRY(const AccessKey key, iam.need_key(caller.account, id));
        output.keys.push_back({key.user, key.id, key.status, key.created});
    }
    output.keys = cut_page(std::move(output.keys), page, &KeyDescription::id, &output.is_truncated,
                           &output.marker);
    co_return output;
}

}  // namespace

extern const wire::Operation list_access_keys_operation;
const wire::Operation list_access_keys_operation =
    wire::operation<&list_access_keys>("ListAccessKeys");

}  // namespace mill::iam
