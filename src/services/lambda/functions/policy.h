// SPDX-License-Identifier: Apache-2.0
// Who may invoke a function, a version or an alias. Kept and shown, not enforced: every caller of a
// local server may invoke every function. One row each, "lambda/policy/<account>/<region>/<name>"
// and ".../<name>/<qualifier>"; they go with what they are of.
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "machine/executor.h"
#include "machine/task.h"
#include "services/lambda/functions/function_name.h"
#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::lambda {

inline constexpr std::string_view policy_path = "/2015-03-31/functions/{FunctionName}/policy";

struct Statement {
    std::string sid, action, principal;
    std::optional<std::string> source_arn, source_account, event_source_token, principal_org_id,
        url_auth_type;
    std::optional<bool> invoked_via_url;

    static constexpr auto shape() {
        using S = Statement;
        using wire::member;
        return wire::structure("Statement", member<&S::sid>("StatementId"),
                               member<&S::action>("Action"), member<&S::principal>("Principal"),
                               member<&S::source_arn>("SourceArn"),
                               member<&S::source_account>("SourceAccount"),
                               member<&S::event_source_token>("EventSourceToken"),
                               member<&S::principal_org_id>("PrincipalOrgID"),
                               member<&S::url_auth_type>("FunctionUrlAuthType"),
                               member<&S::invoked_via_url>("InvokedViaFunctionUrl"));
    }
};

struct Policy {
    std::vector<Statement> statements;
    std::string revision_id;  // new with each change
    static constexpr auto shape() {
        return wire::structure("Policy", wire::member<&Policy::statements>("Statements"),
                               wire::member<&Policy::revision_id>("RevisionId"));
    }
};

std::string policy_row(const FunctionReference& function);
// As IAM writes it.
wire::Value document_of(const FunctionReference& function, const Statement& statement);
wire::Value document_of(const FunctionReference& function, const Policy& policy);

Result<std::optional<Policy>> find_policy(storage::Table& table, const FunctionReference& function);
// Durable when done. ResourceConflictException: there is a statement of that id.
// PreconditionFailedException unless the policy's revision is the one given.
Task<Result<void>> add_statement(storage::Table& table, machine::Entropy& entropy,
                                 FunctionReference function, Statement statement,
                                 std::optional<std::string> revision_id);
// ResourceNotFoundException: there is no such statement.
Task<Result<void>> remove_statement(storage::Table& table, machine::Entropy& entropy,
                                    FunctionReference function, std::string sid,
                                    std::optional<std::string> revision_id);

}  // namespace mill::lambda
