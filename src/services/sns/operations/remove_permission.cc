// SPDX-License-Identifier: Apache-2.0
// RemovePermission: takes the statement of that label out of the topic's policy.
// https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html
#include "services/ports/policy_statements.h"
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct RemovePermissionInput {
    std::optional<std::string> topic_arn;
    std::optional<std::string> label;

    static constexpr auto shape() {
        using I = RemovePermissionInput;
        return wire::structure("RemovePermissionInput", topic_arn_member<&I::topic_arn>(),
                               wire::member<&I::label>("Label").required());
    }
};

constexpr std::string_view no_statements =
    R"({"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[]})";

Result<void> remove_statement(const std::string& label, TopicRow& row) {
    std::string policy = policy_of(row);
    MILL_TRY(const bool removed, ports::remove_statement(policy, label));
    if (!removed) return {};
    // Without the attribute the topic would have the default statement, which may be what went.
    row.attributes["Policy"] = policy.empty() ? std::string(no_statements) : std::move(policy);
    return {};
}

Task<Result<wire::Empty>> remove_permission(Sns& sns, Caller, RemovePermissionInput input) {
    MILL_CO_TRY(auto topic, sns.find_topic(*input.topic_arn));
    MILL_CO_CHECK(co_await sns.change_topic(
        std::move(topic),
        [label = *input.label](TopicRow& row) { return remove_statement(label, row); }));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation remove_permission_operation;
const wire::Operation remove_permission_operation =
    wire::operation<&remove_permission>("RemovePermission");

}  // namespace mill::sns
