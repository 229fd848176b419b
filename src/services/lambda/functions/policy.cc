// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::lambda {
namespace {

using wire::Value;

constexpr std::size_t policy_bytes_max = 20 * 1024;

bool is_account(std::string_view text) {
    return text.size() == 12 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Empty if it is nobody.
Value principal_of(const std::string& text) {
    if (text == "*") return Value(text);
    if (is_account(text)) return Value::Map{{"AWS", "arn:aws:iam::" + text + ":root"}};
    if (text.starts_with("arn:aws")) return Value::Map{{"AWS", text}};
    for (const std::string_view end : {".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"}) {
        if (text.size() > end.size() && text.ends_with(end)) return Value::Map{{"Service", text}};
    }
    return {};
}

Value condition_of(const Statement& statement) {
    Value condition = Value::map();
    const auto equals = [&](const char* key, const std::optional<std::string>& value) {
        if (value) condition["StringEquals"][key] = *value;
    };
    equals("AWS:SourceAccount", statement.source_account);
    equals("lambda:FunctionUrlAuthType", statement.url_auth_type);
    equals("aws:PrincipalOrgID", statement.principal_org_id);
    equals("lambda:EventSourceToken", statement.event_source_token);
    if (statement.source_arn) condition["ArnLike"]["AWS:SourceArn"] = *statement.source_arn;
    if (statement.invoked_via_url.value_or(false))
        condition["Bool"]["lambda:InvokedViaFunctionUrl"] = "true";
    return condition;
}

Result<void> check_policy_revision(const std::optional<std::string>& wanted, const Policy& policy) {
    if (!wanted || *wanted == policy.revision_id) return {};
    return fail("PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the "
                "GetPolicy API to retrieve the latest Revision Id",
                412);
}

Result<void> check_new(const FunctionReference& function, const Policy& policy,
                       const Statement& added) {
    const auto same = std::ranges::find(policy.statements, added.sid, &Statement::sid);
    if (same != policy.statements.end()) {
        return fail("ResourceConflictException",
                    fmt::format("The statement id ({}) provided already exists. Please provide a "
                                "new statement id, or remove the existing statement.",
                                added.sid),
                    409);
    }
    if (principal_of(added.principal).is_null()) {
        return fail("InvalidParameterValueException",
                    "The provided principal was invalid. Please check the principal and try again.",
                    400);
    }
    Policy whole = policy;
    whole.statements.push_back(added);
    const std::size_t bytes = wire::write_json(document_of(function, whole)).size();
    if (bytes <= policy_bytes_max) return {};
    return fail("PolicyLengthExceededException",
                fmt::format("The final policy size ({}) is bigger than the limit ({}).", bytes,
                            policy_bytes_max),
                400);
}

// The row as it was read must still be there: another change came between if not.
storage::Table::Commit commit_of(const std::string& row, std::optional<Bytes> before,
                                 const Policy& policy) {
    storage::Table::Commit commit;
    commit.preconditions = {{row, std::move(before)}};
    if (policy.statements.empty()) {
        commit.erases = {row};
    } else {
        commit.puts = {{row, wire::to_json(policy)}};
    }
    return commit;
}

Result<Policy> policy_in(const std::optional<Bytes>& row) {
    if (!row) return Policy();
    return wire::from_json<Policy>(*row);
}

bool came_between(const Result<void>& stored) {
    return !stored && stored.error().code == "storage.conflict";
}

}  // namespace

std::string policy_row(const FunctionReference& function) {
    const std::string row = "lambda/policy/" + function.id.text();
    return function.is_latest() ? row : row + "/" + function.qualifier;
}

Value document_of(const FunctionReference& function, const Statement& statement) {
    Value document = Value::map();
    document["Sid"] = statement.sid;
    document["Effect"] = "Allow";
    document["Principal"] = principal_of(statement.principal);
    document["Action"] = statement.action;
    document["Resource"] = function.arn();
    Value condition = condition_of(statement);
    if (!condition.members()->empty()) document["Condition"] = std::move(condition);
    return document;
}

Value document_of(const FunctionReference& function, const Policy& policy) {
    Value document = Value::Map{{"Version", "2012-10-17"}, {"Id", "default"}};
    document["Statement"] = Value::list();
    for (const Statement& statement : policy.statements)
        document["Statement"].push_back(document_of(function, statement));
    return document;
}

Result<std::optional<Policy>> find_policy(storage::Table& table,
                                          const FunctionReference& function) {
    MILL_TRY(const auto row, table.get(policy_row(function)));
    if (!row) return std::optional<Policy>();
    MILL_TRY(Policy policy, wire::from_json<Policy>(*row));
    return std::optional<Policy>(std::move(policy));
}

Task<Result<void>> add_statement(storage::Table& table, machine::Entropy& entropy,
                                 FunctionReference function, Statement statement,
                                 std::optional<std::string> revision_id) {
    const std::string row = policy_row(function);
    for (;;) {
        MILL_CO_TRY(auto before, table.get(row));
        MILL_CO_TRY(Policy policy, policy_in(before));
        MILL_CO_CHECK(check_policy_revision(revision_id, policy));
        MILL_CO_CHECK(check_new(function, policy, statement));
        policy.statements.push_back(statement);
        policy.revision_id = machine::uuid_v4(entropy);
        auto stored = co_await table.commit(commit_of(row, std::move(before), policy));
        if (!came_between(stored)) co_return stored;
    }
}

Task<Result<void>> remove_statement(storage::Table& table, machine::Entropy& entropy,
                                    FunctionReference function, std::string sid,
                                    std::optional<std::string> revision_id) {
    const std::string row = policy_row(function);
    for (;;) {
        MILL_CO_TRY(auto before, table.get(row));
        if (!before) {
            co_return fail("ResourceNotFoundException",
                           "No policy is associated with the given resource.", 404);
        }
        MILL_CO_TRY(Policy policy, policy_in(before));
        MILL_CO_CHECK(check_policy_revision(revision_id, policy));
        if (std::erase_if(policy.statements,
                          [&](const Statement& one) { return one.sid == sid; }) == 0) {
            co_return fail("ResourceNotFoundException",
                           fmt::format("Statement {} is not found in resource policy.", sid), 404);
        }
        policy.revision_id = machine::uuid_v4(entropy);
        auto stored = co_await table.commit(commit_of(row, std::move(before), policy));
        if (!came_between(stored)) co_return stored;
    }
}

}  // namespace mill::lambda
