// SPDX-License-Identifier: Apache-2.0
// DeleteRetentionPolicy: events never expire then.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

struct DeleteRetentionPolicyInput {
    std::optional<std::string> log_group_name;

    static constexpr auto shape() {
        return wire::structure(
            "DeleteRetentionPolicyRequest",
            group_name_member<&DeleteRetentionPolicyInput::log_group_name>().required());
    }
};

Task<Result<wire::Empty>> delete_retention_policy(Logs& logs, Caller caller,
                                                  DeleteRetentionPolicyInput input) {
    MILL_CO_TRY(const auto group, logs.find_group(caller, *input.log_group_name));
    group->set_retention({});
    MILL_CO_CHECK(co_await logs.save(group));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_retention_policy_operation;
const wire::Operation delete_retention_policy_operation =
    operation<&delete_retention_policy>("DeleteRetentionPolicy");

}  // namespace mill::logs
