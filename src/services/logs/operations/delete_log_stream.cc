// SPDX-License-Identifier: Apache-2.0
// DeleteLogStream: its events are not shown any more; their space comes back with that of the
// group.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct DeleteLogStreamInput {
    std::optional<std::string> log_group_name;
    std::optional<std::string> log_stream_name;

    static constexpr auto shape() {
        return wire::structure(
            "DeleteLogStreamRequest",
            group_name_member<&DeleteLogStreamInput::log_group_name>().required(),
            stream_name_member<&DeleteLogStreamInput::log_stream_name>().required());
    }
};

Task<Result<wire::Empty>> delete_log_stream(Logs& logs, Caller caller, DeleteLogStreamInput input) {
    MILL_CO_TRY(const auto group, logs.find_group(caller, *input.log_group_name));
    if (!group->find_stream(*input.log_stream_name)) co_return stream_not_found();
    group->remove_stream(*input.log_stream_name);
    MILL_CO_CHECK(co_await logs.save(group));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_log_stream_operation;
const wire::Operation delete_log_stream_operation =
    operation<&delete_log_stream>("DeleteLogStream");

}  // namespace mill::logs
