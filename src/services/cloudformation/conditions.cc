// SPDX-License-Identifier: Apache-2.0
// The Conditions section: Fn::Equals, Fn::And, Fn::Or, Fn::Not over parameters and other
// conditions.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/intrinsics.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

Failure template_error(std::string text) {
    return fail("ValidationError", "Template error: " + std::move(text), 400);
}

// Each that uses another is a few calls deeper on the stack.
constexpr std::size_t nested_conditions_max = 200;

// Conditions may use each other; `open` holds the names being evaluated.
struct ConditionEvaluator {
    const std::map<std::string_view, const Value*> definitions;
    const References& references;
    const Value& mappings;
    ConditionValues done;
    std::vector<std::string> open;

    Result<bool> named(const std::string& name) {
        if (const auto known = done.find(name); known != done.end()) return known->second;
        const auto definition = definitions.find(name);
        if (definition == definitions.end()) {
            return fail("ValidationError",
                        fmt::format("Template format error: Unresolved condition dependency {} in "
                                    "the Conditions block of the template",
                                    name),
                        400);
        }
        if (std::ranges::find(open, name) != open.end()) {
            return fail(
                "ValidationError",
                fmt::format("Template format error: Circular dependency between conditions: [{}]",
                            fmt::join(open, ", ")),
                400);
        }
        if (open.size() == nested_conditions_max) {
            return fail("ValidationError",
                        fmt::format("Template format error: Conditions that use each other may be "
                                    "at most {} in a row",
                                    nested_conditions_max),
                        400);
        }
        open.push_back(name);
        MILL_TRY(bool value, expression(*definition->second));
        open.pop_back();
        done[name] = value;
        return value;
    }

    Result<bool> equals(const Value& argument) {
        constexpr auto misuse = "every Fn::Equals object requires a list of 2 string parameters.";
        const Value::List* items = argument.items();
        if (!items || items->size() != 2) return template_error(misuse);
        const Context context{references, mappings, done};
        MILL_TRY(std::optional<Value> first, evaluate((*items)[0], context));
        MILL_TRY(std::optional<Value> second, evaluate((*items)[1], context));
        if (!first || !second) return template_error(misuse);
        const auto left = scalar_text(*first), right = scalar_text(*second);
        if (left && right) return *left == *right;
        return *first == *second;
    }

    // Fn::And and Fn::Or: every operand is looked at, so that mistakes show whatever the others
    // say.
    Result<bool> combine(std::string_view function, const Value& argument) {
        const Value::List* items = argument.items();
        if (!items || items->size() < 2 || items->size() > 10) {
            return template_error(fmt::format(
                "every {} object requires a list of at least 2 and at most 10 boolean parameters.",
                function));
        }
        const bool is_and = function == "Fn::And";
        bool result = is_and;
        for (const Value& item : *items) {
            MILL_TRY(bool value, expression(item));
            result = is_and ? result && value : result || value;
        }
        return result;
    }

    Result<bool> expression(const Value& value) {
        if (const bool* literal = value.boolean()) return *literal;
        if (const std::string* text = value.string()) {
            if (*text == "true" || *text == "false") return *text == "true";
        }
        const Value::Map* members = value.members();
        if (!members || members->size() != 1) {
            return fail("ValidationError",
                        "Template format error: Conditions can only be boolean operations on "
                        "parameters and other conditions",
                        400);
        }
        const auto& [function, argument] = members->front();
        if (function == "Condition" && argument.string()) return named(*argument.string());
        if (function == "Fn::Equals") return equals(argument);
        if (function == "Fn::And" || function == "Fn::Or") return combine(function, argument);
        if (function == "Fn::Not") {
            const Value::List* items = argument.items();
            if (!items || items->size() != 1) {
                return template_error(
                    "every Fn::Not object requires a list of 1 boolean parameter.");
            }
            MILL_TRY(bool operand, expression(items->front()));
            return !operand;
        }
        return fail("ValidationError",
                    "Template format error: Conditions can only be boolean operations on "
                    "parameters and other conditions",
                    400);
    }
};

}  // namespace

Result<ConditionValues> evaluate_conditions(const Value* conditions, const References& references,
                                            const Value& mappings) {
    if (!conditions || !conditions->members()) return ConditionValues{};
    std::map<std::string_view, const Value*> definitions;
    for (const auto& [name, definition] : *conditions->members()) definitions[name] = &definition;
    ConditionEvaluator evaluator{std::move(definitions), references, mappings, {}, {}};
    for (const auto& [name, definition] : *conditions->members()) {
        MILL_CHECK(evaluator.named(name));
    }
    return std::move(evaluator.done);
}

}  // namespace mill::cloudformation
