// SPDX-License-Identifier: Apache-2.0
// AddPermission: a statement in the topic's policy. Policies are kept and told, not enforced: any
// credentials are accepted.
// https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html
#include "services/ports/policy_statements.h"
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct AddPermissionInput {
    std::optional<std::string> topic_arn;
    std::optional<std::string> label;
    std::optional<std::vector<std::string>> aws_account_id;
    std::optional<std::vector<std::string>> action_name;

    static constexpr auto shape() {
        using I = AddPermissionInput;
        return wire::structure("AddPermissionInput", topic_arn_member<&I::topic_arn>(),
                               wire::member<&I::label>("Label").required(),
                               wire::member<&I::aws_account_id>("AWSAccountId").required(),
                               wire::member<&I::action_name>("ActionName").required());
    }
};

Result<void> add_statement(const AddPermissionInput& input, TopicRow& row) {
    wire::Value statement = wire::Value::map();
    statement["Sid"] = *input.label;
    statement["Effect"] = "Allow";
    for (const std::string& account : *input.aws_account_id)
        statement["Principal"]["AWS"].push_back(fmt::format("arn:aws:iam::{}:root", account));
    for (const std::string& action : *input.action_name)
        statement["Action"].push_back("SNS:" + action);
    statement["Resource"] = row.arn();
    std::string policy = policy_of(row);
    MILL_TRY(const bool added, ports::add_statement(policy, std::move(statement)));
    if (!added) return invalid_parameter("Statement already exists");
    row.attributes["Policy"] = std::move(policy);
    return {};
}

Task<Result<wire::Empty>> add_permission(Sns& sns, Caller, AddPermissionInput input) {
    MILL_CO_TRY(auto topic, sns.find_topic(*input.topic_arn));
    if (input.aws_account_id->empty() || input.action_name->empty())
        co_return invalid_parameter("AWSAccountId and ActionName name at least one each");
    MILL_CO_CHECK(co_await sns.change_topic(
        std::move(topic), [input](TopicRow& row) { return add_statement(input, row); }));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation add_permission_operation;
const wire::Operation add_permission_operation = wire::operation<&add_permission>("AddPermission");

}  // namespace mill::sns
