// SPDX-License-Identifier: Apache-2.0
// RemovePermission: takes the statement of that label out of the queue's policy.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html
#include "services/ports/policy_statements.h"
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct RemovePermissionInput {
    std::optional<std::string> queue_url;
    std::optional<std::string> label;

    static constexpr auto shape() {
        using I = RemovePermissionInput;
        return wire::structure("RemovePermissionRequest", queue_url_member<&I::queue_url>(),
                               wire::member<&I::label>("Label").required());
    }
};

Result<void> remove_statement(const std::string& label, QueueRow& row) {
    std::string& policy = row.attributes["Policy"];
    MILL_TRY(const bool removed, ports::remove_statement(policy, label));
    if (policy.empty()) row.attributes.erase("Policy");
    if (removed) return {};
    return invalid_parameter(
        fmt::format("Value {} for parameter Label is invalid. Reason: can't find label.", label));
}

Task<Result<wire::Empty>> remove_permission(Sqs& sqs, Caller caller, RemovePermissionInput input) {
    MILL_CO_TRY(auto queue, sqs.find_queue(caller, *input.queue_url));
    MILL_CO_CHECK(co_await sqs.change_row(std::move(queue), [label = *input.label](QueueRow& row) {
        return remove_statement(label, row);
    }));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation remove_permission_operation;
const wire::Operation remove_permission_operation =
    wire::operation<&remove_permission>("RemovePermission");

}  // namespace mill::sqs
