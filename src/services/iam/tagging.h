// SPDX-License-Identifier: Apache-2.0
// Tags of whatever has them: the operations are these templates over a Tagged, which names the
// member of the input and finds the row.
#pragma once

#include "services/iam/declarations.h"

namespace mill::iam {

template <class R>
struct TaggedByName {
    using Row = R;
    template <auto Pointer>
    static constexpr wire::Member member() {
        return name_member<Pointer>(Row::name_member, Row::name_length_max).required();
    }
    static Result<Row> find(const Iam& iam, const std::string& account, const std::string& name) {
        return iam.need<Row>(account, name);
    }
};
using TaggedRole = TaggedByName<Role>;
using TaggedUser = TaggedByName<User>;
struct TaggedProfile {
    using Row = InstanceProfile;
    template <auto Pointer>
    static constexpr wire::Member member() {
        return name_member<Pointer>("InstanceProfileName").required();
    }
    static Result<Row> find(const Iam& iam, const std::string& account, const std::string& name) {
        return iam.need<Row>(account, name);
    }
};
struct TaggedPolicy {
    using Row = ManagedPolicy;
    template <auto Pointer>
    static constexpr wire::Member member() {
        return arn_member<Pointer>().required();
    }
    static Result<Row> find(const Iam& iam, const std::string& account, const std::string& arn) {
        return iam.need_policy(account, arn);
    }
};

template <class Tagged>
struct TagInput {
    Text which;
    std::optional<TagList> tags;
    static constexpr auto shape() {
        using I = TagInput;
        return wire::structure("TagRequest", Tagged::template member<&I::which>(),
                               tags_member<&I::tags>().required());
    }
};
template <class Tagged>
struct UntagInput {
    Text which;
    std::optional<std::vector<std::string>> keys;
    static constexpr auto shape() {
        using I = UntagInput;
        return wire::structure(
            "UntagRequest", Tagged::template member<&I::which>(),
            wire::member<&I::keys>("TagKeys").required().length(0, 50).item_length(1, 128));
    }
};
template <class Tagged>
struct ListTagsInput {
    Text which, marker;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        using I = ListTagsInput;
        return wire::structure("ListTagsRequest", Tagged::template member<&I::which>(),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};
struct ListTagsOutput {
    TagList tags;
    bool is_truncated = false;
    Text marker;
    static constexpr auto shape() {
        using O = ListTagsOutput;
        return wire::structure("ListTagsResponse", wire::member<&O::tags>("Tags"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

template <class Tagged>
Task<Result<wire::Empty>> tag(Iam& iam, Caller caller, TagInput<Tagged> input) {
    MILL_CO_TRY(const Tags added, tags_of(input.tags));
    MILL_CO_TRY(auto row, Tagged::find(iam, caller.account, *input.which));
    for (const auto& [key, value] : added) row.tags.insert_or_assign(key, value);
    MILL_CO_CHECK(check_tags(row.tags));
    storage::Table::Commit commit;
    put(commit, caller.account, row);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

template <class Tagged>
Task<Result<wire::Empty>> untag(Iam& iam, Caller caller, UntagInput<Tagged> input) {
    MILL_CO_TRY(auto row, Tagged::find(iam, caller.account, *input.which));
    for (const std::string& key : *input.keys) row.tags.erase(key);
    storage::Table::Commit commit;
    put(commit, caller.account, row);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

template <class Tagged>
Task<Result<ListTagsOutput>> list_tags(Iam& iam, Caller caller, ListTagsInput<Tagged> input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const auto row, Tagged::find(iam, caller.account, *input.which));
    ListTagsOutput output;
    output.tags = cut_page(
        tag_list(row.tags), page, [](const Tag& tag) { return *tag.key; }, &output.is_truncated,
        &output.marker);
    co_return output;
}

}  // namespace mill::iam
