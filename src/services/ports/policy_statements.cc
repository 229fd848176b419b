// SPDX-License-Identifier: Apache-2.0
#include "services/ports/policy_statements.h"

#include <algorithm>

namespace mill::ports {

Result<bool> add_statement(std::string& policy, std::string_view policy_id, wire::Value statement) {
    wire::Value document = wire::Value::map();
    if (policy.empty()) {
        document["Version"] = "2008-10-17";
        document["Id"] = policy_id;
        document["Statement"] = wire::Value::list();
    } else {
        MILL_TRY(document, wire::parse_json(policy));
    }
    wire::Value& statements = document["Statement"];
    if (!statements.items()) {  // a policy may do without the list, with one statement or none
        wire::Value list = wire::Value::list();
        if (!statements.is_null()) list.push_back(std::move(statements));
        statements = std::move(list);
    }
    const std::string sid = wire::text_of(statement, "Sid");
    const auto has_sid = [&](const wire::Value& one) { return wire::text_of(one, "Sid") == sid; };
    if (std::ranges::any_of(*statements.items(), has_sid)) return false;
    statements.push_back(std::move(statement));
    policy = wire::write_json(document);
    return true;
}

Result<bool> remove_statement(std::string& policy, std::string_view sid) {
    if (policy.empty()) return false;
    MILL_TRY(wire::Value document, wire::parse_json(policy));
    wire::Value* statements = document.find("Statement");
    const auto has_sid = [&](const wire::Value& one) { return wire::text_of(one, "Sid") == sid; };
    if (!statements || !statements->items() || std::erase_if(*statements->items(), has_sid) == 0)
        return false;
    policy = statements->items()->empty() ? std::string() : wire::write_json(document);
    return true;
}

}  // namespace mill::ports
