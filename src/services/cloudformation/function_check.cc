// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/function_check.h"

#include <fmt/format.h>

#include "services/cloudformation/language_extensions.h"
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
bool is_find_in_map(const Value::List& items) {
    return items.size() == 3 || (items.size() == 4 && items[3].find("DefaultValue"));
}
bool is_cidr(const Value::List& items) { return items.size() == 3; }
bool is_if(const Value::List& items) { return items.size() == 3 && items[0].string(); }

struct ListFunction {
    std::string_view name;
    bool (*fits)(const Value::List&);
    std::string_view misuse;
};
constexpr ListFunction list_functions[] = {
    {"Fn::Join", is_join, join_misuse},    {"Fn::Select", is_select, select_misuse},
    {"Fn::Split", is_split, split_misuse}, {"Fn::FindInMap", is_find_in_map, find_in_map_misuse},
    {"Fn::If", is_if, if_misuse},          {"Fn::Cidr", is_cidr, cidr_misuse},
};

Failure needs_extensions(std::string_view what) {
    return fail("ValidationError",
                fmt::format("Template format error: {} needs \"Transform\": \"{}\".", what,
                            language_extensions_name),
                400);
}

// Those of the transform AWS::LanguageExtensions.
Result<void> check_extension(const Call& call) {
    const bool is_list_or_call = is_list(*call.argument);
    if (call.function == "Fn::Length")
        return is_list_or_call ? Result<void>() : template_error(length_misuse);
    if (is_list_or_call || call.argument->members()) return {};
    return template_error(to_json_string_misuse);
}

Failure unsupported(std::string_view function) {
    return fail("ValidationError",
                fmt::format("Template format error: Encountered unsupported function: {} Supported "
                            "functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, "
                            "Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::If, Fn::Sub, "
                            "Fn::Cidr]",
                            function),
                400);
}

Result<void> check_call(const Call& call, bool has_extensions) {
    const Value& argument = *call.argument;
    for (const ListFunction& function : list_functions) {
        if (function.name != call.function) continue;
        if (!argument.items() || !function.fits(*argument.items()))
            return template_error(function.misuse);
        const bool has_default = call.function == "Fn::FindInMap" && argument.items()->size() == 4;
        if (has_default && !has_extensions)
            return needs_extensions("DefaultValue of Fn::FindInMap");
        return {};
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
    if (call.function == "Fn::GetAZs")
        return is_text(argument) ? Result<void>() : template_error(get_azs_misuse);
    if (call.function == "Fn::Sub" || call.function == "Fn::ImportValue") return {};
    const bool is_extension = call.function == "Fn::Length" || call.function == "Fn::ToJsonString";
    if (!is_extension) return unsupported(call.function);
    return has_extensions ? check_extension(call) : needs_extensions(call.function);
}

Result<void> check_below(const Value& value, bool has_extensions) {
    if (const auto call = call_of(value)) MILL_CHECK(check_call(*call, has_extensions));
    if (const Value::List* items = value.items()) {
        for (const Value& item : *items) MILL_CHECK(check_below(item, has_extensions));
    }
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) MILL_CHECK(check_below(member, has_extensions));
    }
    return {};
}

}  // namespace

Result<void> check_functions(const Value& document, bool has_extensions) {
    for (const std::string_view section : {"Resources", "Outputs"}) {
        const Value::Map* entries = section_of(document, section).members();
        if (!entries) continue;
        for (const auto& [id, entry] : *entries) {
            for (const std::string_view part : {"Properties", "Value", "Export"}) {
                if (const Value* value = entry.find(part))
                    MILL_CHECK(check_below(*value, has_extensions));
            }
        }
    }
    return {};
}

}  // namespace mill::cloudformation
