// SPDX-License-Identifier: Apache-2.0
// ListResourceTags: the tags of a key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct ListResourceTagsOutput {
    std::vector<Tag> tags;
    Text next_marker;
    bool is_truncated = false;

    static constexpr auto shape() {
        using O = ListResourceTagsOutput;
        return wire::structure("ListResourceTagsResponse", wire::member<&O::tags>("Tags"),
                               wire::member<&O::next_marker>("NextMarker"),
                               wire::member<&O::is_truncated>("Truncated"));
    }
};

Task<Result<ListResourceTagsOutput>> list_resource_tags(Kms& kms, Caller caller,
                                                        KeyPageInput input) {
    constexpr std::int64_t page_default = 50;
    const auto page = static_cast<std::size_t>(input.limit.value_or(page_default));
    MILL_CO_TRY(const std::string after, after_marker(input.marker));
    MILL_CO_TRY(const Key key, kms.need(caller, *input.key));
    ListResourceTagsOutput output;
    for (const auto& [name, value] : key.tags) {
        if (!after.empty() && name <= after) continue;
        if (output.tags.size() == page) {
            output.is_truncated = true;
            output.next_marker = marker_after(*output.tags.back().key);
            break;
        }
        output.tags.push_back({name, value});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_resource_tags_operation;
const wire::Operation list_resource_tags_operation =
    wire::operation<&list_resource_tags>("ListResourceTags");

}  // namespace mill::kms
