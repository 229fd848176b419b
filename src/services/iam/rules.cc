// SPDX-License-Identifier: Apache-2.0
#include "services/iam/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/arn.h"

namespace mill::iam {
namespace {

using wire::Value;

constexpr std::size_t tags_max = 50;

Failure malformed(std::string message) {
    return fail("MalformedPolicyDocument", std::move(message), 400);
}

// One text, or a list of them.
std::vector<std::string_view> texts_of(const Value& value) {
    std::vector<std::string_view> texts;
    if (const auto* text = value.string()) texts.push_back(*text);
    if (!value.items()) return texts;
    for (const Value& item : *value.items()) {
        if (const auto* text = item.string()) texts.push_back(*text);
    }
    return texts;
}

bool is_texts(const Value& value) {
    if (value.string()) return true;
    return value.items() && !value.items()->empty() &&
           std::ranges::all_of(*value.items(), [](const Value& item) { return item.string(); });
}

Result<void> check_actions(const Value& statement, PolicyKind kind) {
    const Value* action = statement.find("Action");
    const Value* not_action = statement.find("NotAction");
    if (!action && !not_action) return malformed("Policy statement must contain actions.");
    if (action && not_action) return malformed("Syntax errors in policy.");
    const Value& actions = action ? *action : *not_action;
    if (!is_texts(actions)) return malformed("Policy statement must contain actions.");
    for (const std::string_view text : texts_of(actions)) {
        if (text != "*" && text.find(':') == std::string_view::npos) {
            return malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
        }
        if (kind == PolicyKind::trust && text != "*" && !text.starts_with("sts:"))
            return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    return {};
}

Result<void> check_resources(const Value& statement) {
    const Value* resource = statement.find("Resource");
    const Value* not_resource = statement.find("NotResource");
    if (!resource && !not_resource) return malformed("Policy statement must contain resources.");
    if (resource && not_resource) return malformed("Syntax errors in policy.");
    const Value& resources = resource ? *resource : *not_resource;
    if (!is_texts(resources)) return malformed("Policy statement must contain resources.");
    for (const std::string_view text : texts_of(resources)) {
        if (text == "*" || text.starts_with("arn:")) continue;
        return malformed(fmt::format("Resource {} must be in ARN format or \"*\".", text));
    }
    return {};
}

Result<void> check_statement(const Value& statement, PolicyKind kind) {
    static constexpr std::string_view known[] = {"Sid",          "Effect",      "Principal",
                                                 "NotPrincipal", "Action",      "NotAction",
                                                 "Resource",     "NotResource", "Condition"};
    if (!statement.members()) return malformed("Syntax errors in policy.");
    for (const auto& [name, value] : *statement.members()) {
        if (std::ranges::find(known, name) == std::end(known))
            return malformed("Syntax errors in policy.");
    }
    const std::string effect = wire::text_of(statement, "Effect");
    if (effect.empty()) return malformed("Missing required field Effect");
    if (effect != "Allow" && effect != "Deny")
        return malformed(fmt::format("Invalid effect: {}", effect));
    MILL_CHECK(check_actions(statement, kind));
    const bool has_principal = statement.find("Principal") || statement.find("NotPrincipal");
    if (kind == PolicyKind::identity) {
        if (has_principal) return malformed("Policy document should not specify a principal.");
        return check_resources(statement);
    }
    if (!has_principal) return malformed("Missing required field Principal");
    if (statement.find("Resource") || statement.find("NotResource"))
        return malformed("Has prohibited field Resource");
    return {};
}

}  // namespace

Result<void> check_document(std::string_view document, PolicyKind kind) {
    const auto policy = wire::parse_json(document);
    if (!policy) return malformed("This policy contains invalid Json");
    if (!policy->members()) return malformed("Syntax errors in policy.");
    for (const auto& [name, value] : *policy->members()) {
        if (name != "Version" && name != "Id" && name != "Statement")
            return malformed("Syntax errors in policy.");
    }
    const std::string version = wire::text_of(*policy, "Version", "2008-10-17");
    if (version != "2012-10-17" && version != "2008-10-17")
        return malformed("Policy document must be version 2012-10-17 or greater.");
    const Value* statements = policy->find("Statement");
    if (statements && statements->members()) return check_statement(*statements, kind);
    if (!statements || !statements->items() || statements->items()->empty())
        return malformed("Syntax errors in policy.");
    std::set<std::string> ids;
    for (const Value& statement : *statements->items()) {
        MILL_CHECK(check_statement(statement, kind));
        const std::string id = wire::text_of(statement, "Sid");
        if (!id.empty() && !ids.insert(id).second)
            return malformed("Statement IDs (SID) in a single policy must be unique.");
    }
    return {};
}

std::string document_text(const Value& document) {
    return document.string() ? *document.string() : wire::write_json(document);
}

Failure no_such_entity(std::string message) {
    return fail("NoSuchEntity", std::move(message), 404);
}
Failure already_exists(std::string message) {
    return fail("EntityAlreadyExists", std::move(message), 409);
}
Failure delete_conflict(std::string message) {
    return fail("DeleteConflict", std::move(message), 409);
}
Failure limit_exceeded(std::string message) {
    return fail("LimitExceeded", std::move(message), 409);
}
Failure invalid_input(std::string message) { return fail("InvalidInput", std::move(message), 400); }

std::string arn_of(std::string_view account, std::string_view resource) {
    return model::Arn{"aws", "iam", "", std::string(account), std::string(resource)}.text();
}

bool is_aws_policy(std::string_view arn) { return arn.starts_with("arn:aws:iam::aws:policy/"); }

Result<void> check_policy_arn(std::string_view arn) {
    const auto parsed = model::parse_arn(arn);
    if (parsed && parsed->service == "iam" && parsed->resource.starts_with("policy/")) return {};
    return invalid_input(fmt::format("ARN {} is not valid.", arn));
}

std::string uses_prefix(std::string_view account, std::string_view policy_arn) {
    return fmt::format("iam/attachment/{}/{} ", account, policy_arn);
}

std::string use_row(std::string_view account, std::string_view policy_arn, Use use,
                    std::string_view kind, std::string_view name) {
    return fmt::format("{}{}/{}/{}", uses_prefix(account, policy_arn),
                       use == Use::policy ? "policy" : "boundary", kind, name);
}

Result<void> check_tags(const Tags& tags) {
    if (tags.size() <= tags_max) return {};
    return limit_exceeded("The number of tags has reached the maximum limit.");
}

}  // namespace mill::iam
