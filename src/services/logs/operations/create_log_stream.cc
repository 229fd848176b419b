// SPDX-License-Identifier: Apache-2.0
// CreateLogStream.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct CreateLogStreamInput {
    std::optional<std::string> log_group_name;
    std::optional<std::string> log_stream_name;

    static constexpr auto shape() {
        return wire::structure(
            "CreateLogStreamRequest",
            group_name_member<&CreateLogStreamInput::log_group_name>().required(),
            stream_name_member<&CreateLogStreamInput::log_stream_name>().required());
    }
};

Task<Result<wire::Empty>> create_log_stream(Logs& logs, Caller caller, CreateLogStreamInput input) {
    MILL_CO_TRY(const auto group, logs.find_group(caller, *input.log_group_name));
    MILL_CO_CHECK(co_await logs.create_stream(group, *std::move(input.log_stream_name)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation create_log_stream_operation;
const wire::Operation create_log_stream_operation =
    operation<&create_log_stream>("CreateLogStream");

}  // namespace mill::logs
