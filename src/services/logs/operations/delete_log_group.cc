// SPDX-License-Identifier: Apache-2.0
// DeleteLogGroup: with its streams and all their events.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct DeleteLogGroupInput {
    std::optional<std::string> log_group_name;

    static constexpr auto shape() {
        return wire::structure(
            "DeleteLogGroupRequest",
            group_name_member<&DeleteLogGroupInput::log_group_name>().required());
    }
};

Task<Result<wire::Empty>> delete_log_group(Logs& logs, Caller caller, DeleteLogGroupInput input) {
    MILL_CO_TRY(auto group, logs.find_group(caller, *input.log_group_name));
    MILL_CO_CHECK(co_await logs.delete_group(std::move(group)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_log_group_operation;
const wire::Operation delete_log_group_operation = operation<&delete_log_group>("DeleteLogGroup");

}  // namespace mill::logs
