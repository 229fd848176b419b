// SPDX-License-Identifier: Apache-2.0
// CreateLogGroup.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct CreateLogGroupInput {
    std::optional<std::string> log_group_name;
    std::optional<Tags> tags;

    static constexpr auto shape() {
        return wire::structure(
            "CreateLogGroupRequest",
            group_name_member<&CreateLogGroupInput::log_group_name>().required(),
            wire::refused("kmsKeyId", "Leave it out: log events are stored unencrypted."),
            tags_member<&CreateLogGroupInput::tags>(),
            wire::refused("logGroupClass", "Use STANDARD.").unless("STANDARD"),
            wire::refused("deletionProtectionEnabled", "Create the log group without it."));
    }
};

Task<Result<wire::Empty>> create_log_group(Logs& logs, Caller caller, CreateLogGroupInput input) {
    MILL_CO_CHECK(co_await logs.create_group(
        std::move(caller), *std::move(input.log_group_name),
        {.retention_days = {}, .tags = std::move(input.tags).value_or(Tags())}));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation create_log_group_operation;
const wire::Operation create_log_group_operation = operation<&create_log_group>("CreateLogGroup");

}  // namespace mill::logs
