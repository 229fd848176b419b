// SPDX-License-Identifier: Apache-2.0
// RemovePermission: takes the statement of that label out of the queue's policy.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html
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
    const auto policy_text = row.attributes.find("Policy");
    wire::Value policy;
    if (policy_text != row.attributes.end()) {
        MILL_TRY(policy, wire::parse_json(policy_text->second));
    }
    wire::Value* statements = policy.find("Statement");
    const bool is_there = statements && statements->items() &&
                          std::erase_if(*statements->items(), [&](const wire::Value& statement) {
                              return wire::text_of(statement, "Sid") == label;
                          }) > 0;
    if (!is_there) {
        return invalid_parameter(fmt::format(
            "Value {} for parameter Label is invalid. Reason: can't find label.", label));
    }
    if (statements->items()->empty()) {
        row.attributes.erase(policy_text);
    } else {
        policy_text->second = wire::write_json(policy);
    }
    return {};
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
