// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/layers/layer_policy.h"

namespace mill::lambda {
namespace {

using wire::Value;

// An account's number stands for its root.
Value principal_of(const std::string& principal) {
    if (principal == "*") return principal;
    return Value::Map{
        {"AWS", principal.starts_with("arn:") ? principal : "arn:aws:iam::" + principal + ":root"}};
}

Value statement_of(const LayerVersion& layer, const LayerStatement& statement) {
    Value value = Value::Map{{"Sid", statement.id},
                             {"Effect", "Allow"},
                             {"Principal", principal_of(statement.principal)},
                             {"Action", statement.action},
                             {"Resource", layer.arn()}};
    if (statement.organization) {
        value["Condition"] = Value::Map{
            {"StringEquals", Value::Map{{"aws:PrincipalOrgID", *statement.organization}}}};
    }
    return value;
}

}  // namespace

std::string statement_text(const LayerVersion& layer, const LayerStatement& statement) {
    return wire::write_json(statement_of(layer, statement));
}

std::string policy_text(const LayerVersion& layer) {
    Value statements = Value::list();
    for (const LayerStatement& statement : layer.policy)
        statements.push_back(statement_of(layer, statement));
    return wire::write_json(Value::Map{
        {"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", std::move(statements)}});
}

Result<void> check_policy_revision(const LayerVersion& layer,
                                   const std::optional<std::string>& wanted) {
    if (!wanted || *wanted == layer.policy_revision) return {};
    return fail("PreconditionFailedException",
                "The RevisionId provided does not match the latest RevisionId. Call the "
                "GetLayerVersionPolicy API to retrieve the latest RevisionId.",
                412);
}

}  // namespace mill::lambda
