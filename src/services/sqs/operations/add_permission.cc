// SPDX-License-Identifier: Apache-2.0
// AddPermission: a statement in the queue's policy. Policies are kept and told, not enforced: any
// credentials are accepted.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
#include "services/ports/policy_statements.h"
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

struct AddPermissionInput {
    std::optional<std::string> queue_url;
    std::optional<std::string> label;
    std::optional<std::vector<std::string>> aws_account_ids;
    std::optional<std::vector<std::string>> actions;

    static constexpr auto shape() {
        using I = AddPermissionInput;
        return wire::structure(
            "AddPermissionRequest", queue_url_member<&I::queue_url>(),
            wire::member<&I::label>("Label").required(),
            wire::member<&I::aws_account_ids>("AWSAccountIds").required().flat("AWSAccountId"),
            wire::member<&I::actions>("Actions").required().flat("ActionName"));
    }
};

constexpr std::string_view known_actions[] = {"*",
                                              "SendMessage",
                                              "ReceiveMessage",
                                              "DeleteMessage",
                                              "ChangeMessageVisibility",
                                              "GetQueueUrl",
                                              "GetQueueAttributes",
                                              "ListDeadLetterSourceQueues",
                                              "PurgeQueue"};

Result<void> check_actions(const std::vector<std::string>& actions) {
    if (actions.empty()) return missing_parameter("Actions");
    for (const std::string& action : actions) {
        if (std::ranges::find(known_actions, action) != std::ranges::end(known_actions)) continue;
        return invalid_parameter(
            fmt::format("Value SQS:{} for parameter ActionName is invalid. Reason: Please refer to "
                        "the appropriate WSDL for a list of valid actions. ",
                        action));
    }
    return {};
}

// One text, or a list of them.
wire::Value one_or_list(std::vector<std::string> texts) {
    if (texts.size() == 1) return std::move(texts.front());
    wire::Value list = wire::Value::list();
    for (std::string& text : texts) list.push_back(std::move(text));
    return list;
}

wire::Value statement(const AddPermissionInput& input, const QueueRow& row) {
    std::vector<std::string> principals, actions;
    for (const std::string& account : *input.aws_account_ids)
        principals.push_back(fmt::format("arn:aws:iam::{}:root", account));
    for (const std::string& action : *input.actions) actions.push_back("SQS:" + action);
    wire::Value statement = wire::Value::map();
    statement["Sid"] = *input.label;
    statement["Effect"] = "Allow";
    statement["Principal"]["AWS"] = one_or_list(std::move(principals));
    statement["Action"] = one_or_list(std::move(actions));
    statement["Resource"] = row.arn();
    return statement;
}

Result<void> add_statement(const AddPermissionInput& input, QueueRow& row) {
    std::string& policy = row.attributes["Policy"];
    if (policy.empty()) {
        policy = fmt::format(R"({{"Version":"2008-10-17","Id":"{}/SQSDefaultPolicy"}})", row.arn());
    }
    MILL_TRY(const bool added, ports::add_statement(policy, statement(input, row)));
    if (added) return {};
    return invalid_parameter(fmt::format(
        "Value {} for parameter Label is invalid. Reason: Already exists.", *input.label));
}

Task<Result<wire::Empty>> add_permission(Sqs& sqs, Caller caller, AddPermissionInput input) {
    MILL_CO_TRY(auto queue, sqs.find_queue(caller, *input.queue_url));
    MILL_CO_CHECK(check_actions(*input.actions));
    if (input.aws_account_ids->empty()) co_return missing_parameter("AWSAccountIds");
    MILL_CO_CHECK(co_await sqs.change_row(
        std::move(queue), [input](QueueRow& row) { return add_statement(input, row); }));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation add_permission_operation;
const wire::Operation add_permission_operation = wire::operation<&add_permission>("AddPermission");

}  // namespace mill::sqs
