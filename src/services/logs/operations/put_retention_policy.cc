// SPDX-License-Identifier: Apache-2.0
// PutRetentionPolicy: what is older is hidden at once, and forgotten in time.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

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
    MILL_CO_CHECK(check_retention(*input.retention_in_days));
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
