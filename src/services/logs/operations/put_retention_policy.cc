// SPDX-License-Identifier: Apache-2.0
// PutRetentionPolicy: what is older is hidden at once, and forgotten in time.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

constexpr std::array<std::int64_t, 22> allowed_days = {1,    3,    5,    7,    14,   30,  60,  90,
                                                       120,  150,  180,  365,  400,  545, 731, 1096,
                                                       1827, 2192, 2557, 2922, 3288, 3653};

struct PutRetentionPolicyInput {
    std::optional<std::string> log_group_name;
    std::optional<std::int64_t> retention_in_days;

    static constexpr auto shape() {
        return wire::structure(
            "PutRetentionPolicyRequest",
            group_name_member<&PutRetentionPolicyInput::log_group_name>().required(),
            wire::member<&PutRetentionPolicyInput::retention_in_days>("retentionInDays")
                .required());
    }
};

Task<Result<wire::Empty>> put_retention_policy(Logs& logs, Caller caller,
                                               PutRetentionPolicyInput input) {
    if (std::ranges::find(allowed_days, *input.retention_in_days) == allowed_days.end()) {
        co_return invalid_parameter(
            fmt::format("1 validation error detected: Value '{}' at 'retentionInDays' failed to "
                        "satisfy constraint: Member "
                        "must satisfy enum value set: [{}]",
                        *input.retention_in_days, fmt::join(allowed_days, ", ")));
    }
    MILL_CO_TRY(const auto group, logs.find_group(caller, *input.log_group_name));
    group->set_retention(input.retention_in_days);
    MILL_CO_CHECK(co_await logs.save(group));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation put_retention_policy_operation;
const wire::Operation put_retention_policy_operation =
    operation<&put_retention_policy>("PutRetentionPolicy");

}  // namespace mill::logs
