// SPDX-License-Identifier: Apache-2.0
// AddTagsToStream: adds tags or gives new values to those that are there.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct AddTagsToStreamInput {
    std::optional<std::map<std::string, std::string>> tags;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = AddTagsToStreamInput;
        return wire::structure("AddTagsToStreamInput", tags_member<&I::tags>().required(),
                               stream_name_member<&I::stream_name>(),
                               stream_arn_member<&I::stream_arn>());
    }
};

Task<Result<wire::Empty>> add_tags_to_stream(Kinesis& kinesis, Caller caller,
                                             AddTagsToStreamInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    MILL_CO_CHECK(co_await kinesis.add_tags(std::move(stream), *std::move(input.tags)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation add_tags_to_stream_operation;
const wire::Operation add_tags_to_stream_operation =
    wire::operation<&add_tags_to_stream>("AddTagsToStream");

}  // namespace mill::kinesis
