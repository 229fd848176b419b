// SPDX-License-Identifier: Apache-2.0
// ListTagsForStream: in the order of keys.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct ListTagsForStreamInput {
    std::optional<std::int64_t> limit;
    std::optional<std::string> exclusive_start_tag_key;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = ListTagsForStreamInput;
        return wire::structure(
            "ListTagsForStreamInput",
            wire::member<&I::limit>("Limit").range(1, limits::kinesis::list_tags_max),
            wire::member<&I::exclusive_start_tag_key>("ExclusiveStartTagKey")
                .length(1, limits::kinesis::tag_key_length_max),
            stream_name_member<&I::stream_name>(), stream_arn_member<&I::stream_arn>());
    }
};

struct ListTagsForStreamOutput {
    std::vector<Tag> tags;
    bool has_more_tags = false;

    static constexpr auto shape() {
        using O = ListTagsForStreamOutput;
        return wire::structure("ListTagsForStreamOutput", wire::member<&O::tags>("Tags"),
                               wire::member<&O::has_more_tags>("HasMoreTags"));
    }
};

Task<Result<ListTagsForStreamOutput>> list_tags_for_stream(Kinesis& kinesis, Caller caller,
                                                           ListTagsForStreamInput input) {
    MILL_CO_TRY(const auto stream,
                kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    const auto& tags = stream->row().tags;
    const auto limit =
        static_cast<std::size_t>(input.limit.value_or(limits::kinesis::list_tags_max));
    ListTagsForStreamOutput output;
    auto at = input.exclusive_start_tag_key ? tags.upper_bound(*input.exclusive_start_tag_key)
                                            : tags.begin();
    for (; at != tags.end() && output.tags.size() < limit; ++at)
        output.tags.push_back({at->first, at->second});
    output.has_more_tags = at != tags.end();
    co_return output;
}

}  // namespace

extern const wire::Operation list_tags_for_stream_operation;
const wire::Operation list_tags_for_stream_operation =
    wire::operation<&list_tags_for_stream>("ListTagsForStream");

}  // namespace mill::kinesis
