// SPDX-License-Identifier: Apache-2.0
// RemoveTagsFromStream: keys that the stream does not have are ignored.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct RemoveTagsFromStreamInput {
    std::optional<std::vector<std::string>> tag_keys;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = RemoveTagsFromStreamInput;
        return wire::structure("RemoveTagsFromStreamInput",
                               wire::member<&I::tag_keys>("TagKeys")
                                   .required()
                                   .length(1, limits::kinesis::tags_max)
                                   .item_length(1, limits::kinesis::tag_key_length_max),
                               stream_name_member<&I::stream_name>(),
                               stream_arn_member<&I::stream_arn>());
    }
};

Task<Result<wire::Empty>> remove_tags_from_stream(Kinesis& kinesis, Caller caller,
                                                  RemoveTagsFromStreamInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_CHECK(co_await kinesis.remove_tags(std::move(stream), *std::move(input.tag_keys)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation remove_tags_from_stream_operation;
const wire::Operation remove_tags_from_stream_operation =
    wire::operation<&remove_tags_from_stream>("RemoveTagsFromStream");

}  // namespace mill::kinesis
