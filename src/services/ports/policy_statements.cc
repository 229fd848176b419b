// SPDX-License-Identifier: Apache-2.0
#include "services/ports/policy_statements.h"

#include <algorithm>

namespace mill::ports {
namespace {

// A policy may do without the list, with one statement or none.
wire::Value::List& statements_of(wire::Value& document) {
    wire::Value& statements = document["Statement"];
    if (!statements.items()) {
        wire::Value list = wire::Value::list();
        if (statements.members()) list.push_back(std::move(statements));
        statements = std::move(list);
    }
    return *statements.items();
}

}  // namespace

Result<bool> add_statement(std::string& policy, wire::Value statement) {
    MILL_TRY(wire::Value document, wire::parse_json(policy));
    auto& statements = statements_of(document);
    const std::string sid = wire::text_of(statement, "Sid");
    const auto has_sid = [&](const wire::Value& one) { return wire::text_of(one, "Sid") == sid; };
    if (std::ranges::any_of(statements, has_sid)) return false;
    statements.push_back(std::move(statement));
    policy = wire::write_json(document);
    return true;
}

Result<bool> remove_statement(std::string& policy, std::string_view sid) {
    if (policy.empty()) return false;
    MILL_TRY(wire::Value document, wire::parse_json(policy));
    auto& statements = statements_of(document);
    const auto has_sid = [&](const wire::Value& one) { return wire::text_of(one, "Sid") == sid; };
    if (std::erase_if(statements, has_sid) == 0) return false;
    policy = statements.empty() ? std::string() : wire::write_json(document);
    return true;
}

}  // namespace mill::ports
