// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/function_check.h"

#include <fmt/format.h>

#include "services/cloudformation/template.h"

namespace mill::cloudformation {
namespace {

using wire::Value;

Failure template_error(std::string_view text) {
    return fail("ValidationError", fmt::format("Template error: {}", text), 400);
}

bool is_list(const Value& value) { return value.items() || call_of(value); }
bool is_text(const Value& value) { return scalar_text(value) || call_of(value); }

bool is_join(const Value::List& items) {
    return items.size() == 2 && items[0].string() && is_list(items[1]);
}
bool is_select(const Value::List& items) {
    return items.size() == 2 && is_text(items[0]) && is_list(items[1]);
}
bool is_split(const Value::List& items) {
    return items.size() == 2 && items[0].string() && is_text(items[1]);
}
bool is_find_in_map(const Value::List& items) { return items.size() >= 3; }
bool is_if(const Value::List& items) { return items.size() == 3 && items[0].string(); }

struct ListFunction {
    std::string_view name;
    bool (*fits)(const Value::List&);
    std::string_view misuse;
};
constexpr ListFunction list_functions[] = {
    {"Fn::Join", is_join, join_misuse},    {"Fn::Select", is_select, select_misuse},
    {"Fn::Split", is_split, split_misuse}, {"Fn::FindInMap", is_find_in_map, find_in_map_misuse},
    {"Fn::If", is_if, if_misuse},
};

Result<void> check_call(const Call& call) {
    const Value& argument = *call.argument;
    for (const ListFunction& function : list_functions) {
        if (function.name != call.function) continue;
        if (argument.items() && function.fits(*argument.items())) return {};
        return template_error(function.misuse);
    }
    if (call.function == "Ref") {
        if (argument.string()) return {};
        return fail("ValidationError",
                    "Template format error: Every Ref object must have a single String value.",
                    400);
    }
    if (call.function == "Fn::GetAtt") {
        MILL_CHECK(get_att_target(argument));
        return {};
    }
    if (call.function == "Fn::Base64")
        return is_text(argument) ? Result<void>() : template_error(base64_misuse);
    if (call.function == "Fn::Sub" || call.function == "Fn::ImportValue") return {};
    return fail(
        "ValidationError",
        fmt::format("Template format error: Encountered unsupported function: {} Supported "
                    "functions are: [Fn::Base64, Fn::GetAtt, Fn::ImportValue, Fn::Join, Fn::Split, "
                    "Fn::FindInMap, Fn::Select, Ref, Fn::If, Fn::Sub]",
                    call.function),
        400);
}

Result<void> check_below(const Value& value) {
    if (const auto call = call_of(value)) MILL_CHECK(check_call(*call));
    if (const Value::List* items = value.items()) {
        for (const Value& item : *items) MILL_CHECK(check_below(item));
    }
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) MILL_CHECK(check_below(member));
    }
    return {};
}

}  // namespace

Result<void> check_functions(const Value& document) {
    for (const std::string_view section : {"Resources", "Outputs"}) {
        const Value::Map* entries = section_of(document, section).members();
        if (!entries) continue;
        for (const auto& [id, entry] : *entries) {
            for (const std::string_view part : {"Properties", "Value", "Export"}) {
                if (const Value* value = entry.find(part)) MILL_CHECK(check_below(*value));
            }
        }
    }
    return {};
}

}  // namespace mill::cloudformation
