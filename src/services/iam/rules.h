// SPDX-License-Identifier: Apache-2.0
// IAM's rules and words: names of rows, policy documents, errors. Pure.
#pragma once

#include <string>
#include <string_view>

#include "services/iam/entities.h"
#include "storage/stream_log.h"

namespace mill::iam {

enum class PolicyKind : std::uint8_t { identity, trust };

// MalformedPolicyDocument. What a policy allows is not looked into, nor whether its actions and
// resources exist.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
Result<void> check_document(std::string_view document, PolicyKind kind);
// A document as stacks and older stores have it: an object, or its text.
std::string document_text(const wire::Value& document);

Failure no_such_entity(std::string message);
Failure already_exists(std::string message);
Failure delete_conflict(std::string message);
Failure limit_exceeded(std::string message);
Failure invalid_input(std::string message);

// "arn:aws:iam::<account>:<resource>"
std::string arn_of(std::string_view account, std::string_view resource);
// AWS's own: "arn:aws:iam::aws:policy/...". Which of them there are, Millrace does not know: any
// name will do.
bool is_aws_policy(std::string_view arn);
// InvalidInput: not the ARN of a policy.
Result<void> check_policy_arn(std::string_view arn);

enum class Use : std::uint8_t { policy, boundary };
// Rows of policies' uses: of all, or of one user, group or role.
std::string uses_prefix(std::string_view account, std::string_view policy_arn);
std::string use_row(std::string_view account, std::string_view policy_arn, Use use,
                    std::string_view kind, std::string_view name);

template <class Row>
void put(storage::Table::Commit& commit, const std::string& account, const Row& row) {
    commit.puts.push_back(
        {"iam/" + std::string(Row::kind) + "/" + account + "/" + row.name, wire::to_json(row)});
}
template <class Row>
void erase(storage::Table::Commit& commit, const std::string& account, const Row& row) {
    commit.erases.push_back("iam/" + std::string(Row::kind) + "/" + account + "/" + row.name);
}
inline void mark(storage::Table::Commit& commit, std::string row) {
    commit.puts.push_back({std::move(row), "{}"});
}

// LimitExceeded: more than fifty.
Result<void> check_tags(const Tags& tags);

}  // namespace mill::iam
