// SPDX-License-Identifier: Apache-2.0
#include "model/event_pattern.h"

#include <algorithm>
#include <array>

namespace mill::model {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
constexpr double number_max = 5e9;

Failure wrong(std::string text) { return fail("filter", std::move(text)); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<double> number_of(element value) {
    double number = 0;
    if (!value.is_number() || value.get_double().get(number)) return std::nullopt;
    return number;
}

std::optional<std::string> text_of(element value) {
    std::string_view text;
    if (value.get_string().get(text)) return std::nullopt;
    return std::string(text);
}

// The one member of an object: {"prefix": "a"}.
struct Operation {
    std::string_view name;
    element operand;
};
std::optional<Operation> operation_of(element value) {
    object members;
    if (value.get_object().get(members) || members.size() != 1) return std::nullopt;
    const auto only = *members.begin();
    return Operation{only.key, only.value};
}

// --- compiling ------------------------------------------------------------------------------

Result<Numeric> numeric_test(element operand) {
    static constexpr std::array<std::pair<std::string_view, Numeric::Operator>, 6> operators = {
        {{"=", Numeric::Operator::equal},
         {"!=", Numeric::Operator::not_equal},
         {"<", Numeric::Operator::less},
         {"<=", Numeric::Operator::at_most},
         {">", Numeric::Operator::greater},
         {">=", Numeric::Operator::at_least}}};
    array items;
    if (operand.get_array().get(items)) return wrong("numeric needs a list");
    Numeric test;
    const Numeric::Operator* open = nullptr;
    for (const element item : items) {
        if (!open) {
            const auto name = text_of(item);
            const auto found = std::ranges::find_if(
                operators, [&](const auto& known) { return name && known.first == *name; });
            if (found == operators.end()) return wrong("numeric needs =, !=, <, <=, > or >=");
            open = &found->second;
            continue;
        }
        const auto number = number_of(item);
        if (!number || *number < -number_max || *number > number_max)
            return wrong("numeric compares with numbers from -5e9 to 5e9");
        test.bounds.push_back({*open, *number});
        open = nullptr;
    }
    if (open || test.bounds.empty() || test.bounds.size() > 2)
        return wrong("numeric needs one comparison, or two for a range");
    if (test.bounds.size() == 2) {
        const auto is_lower = [](Numeric::Operator is) {
            return is == Numeric::Operator::greater || is == Numeric::Operator::at_least;
        };
        const auto is_upper = [](Numeric::Operator is) {
            return is == Numeric::Operator::less || is == Numeric::Operator::at_most;
        };
        const auto& [low, high] = std::tie(test.bounds[0], test.bounds[1]);
        if (!is_lower(low.is) || !is_upper(high.is) || low.number > high.number)
            return wrong("a range is >, its lower end, < and its upper end");
    }
    return test;
}

Result<Test> literal(element value) {
    switch (value.type()) {
        case element_type::NULL_VALUE:
            return Test(nullptr);
        case element_type::BOOL:
            return Test(bool(value.get_bool()));
        case element_type::STRING:
            return Test(*text_of(value));
        case element_type::INT64:
        case element_type::UINT64:
        case element_type::DOUBLE:
            return Test(*number_of(value));
        default:
            return wrong("a list of values may hold no list");
    }
}

// Of texts: prefix, suffix, equals-ignore-case.
Result<Test> text_test(std::string_view name, element operand) {
    auto text = text_of(operand);
    if (name != "prefix" && name != "suffix" && name != "equals-ignore-case")
        return wrong("there is no operator " + std::string(name));
    if (!text) return wrong(std::string(name) + " needs a text");
    if (name == "prefix") return Test(Prefix{*std::move(text)});
    if (name == "suffix") return Test(Suffix{*std::move(text)});
    return Test(IgnoringCase{*std::move(text)});
}

Result<Matcher> anything_but(element operand) {
    Matcher matcher{.tests = {}, .anything_but = true};
    const auto add = [&](element value) -> Result<void> {
        if (const auto operation = operation_of(value)) {
            array texts;
            if (operation->operand.get_array().get(texts)) {
                MILL_TRY(Test test, text_test(operation->name, operation->operand));
                matcher.tests.push_back(std::move(test));
                return {};
            }
            for (const element text : texts) {
                MILL_TRY(Test test, text_test(operation->name, text));
                matcher.tests.push_back(std::move(test));
            }
            return {};
        }
        MILL_TRY(Test test, literal(value));
        matcher.tests.push_back(std::move(test));
        return {};
    };
    array items;
    if (operand.get_array().get(items)) {
        MILL_CHECK(add(operand));
    } else {
        for (const element item : items) {
            if (operation_of(item)) return wrong("anything-but takes a list of plain values");
            MILL_CHECK(add(item));
        }
    }
    if (matcher.tests.empty()) return wrong("anything-but needs a value");
    return matcher;
}

Result<Matcher> compile_matcher(element value) {
    const auto of = [](Test test) {
        Matcher matcher;
        matcher.tests.push_back(std::move(test));
        return matcher;
    };
    if (value.type() != element_type::OBJECT) {
        MILL_TRY(Test test, literal(value));
        return of(std::move(test));
    }
    const auto operation = operation_of(value);
    if (!operation) return wrong("an operator is an object of one member");
    if (operation->name == "anything-but") return anything_but(operation->operand);
    if (operation->name == "numeric") {
        MILL_TRY(Numeric test, numeric_test(operation->operand));
        return of(std::move(test));
    }
    if (operation->name == "exists") {
        bool wanted = false;
        if (operation->operand.get_bool().get(wanted)) return wrong("exists is true or false");
        return of(Exists{wanted});
    }
    MILL_TRY(Test test, text_test(operation->name, operation->operand));
    return of(std::move(test));
}

// --- matching -------------------------------------------------------------------------------

bool holds(const Numeric::Bound& bound, double number) {
    switch (bound.is) {
        case Numeric::Operator::equal:
            return number == bound.number;
        case Numeric::Operator::not_equal:
            return number != bound.number;
        case Numeric::Operator::less:
            return number < bound.number;
        case Numeric::Operator::at_most:
            return number <= bound.number;
        case Numeric::Operator::greater:
            return number > bound.number;
        case Numeric::Operator::at_least:
            return number >= bound.number;
    }
    return false;
}

bool holds(const Test& test, const Scalar& value) {
    if (std::holds_alternative<std::nullptr_t>(test))
        return std::holds_alternative<std::nullptr_t>(value);
    if (const auto* flag = std::get_if<bool>(&test)) {
        const auto* other = std::get_if<bool>(&value);
        return other && *other == *flag;
    }
    if (const auto* number = std::get_if<double>(&value)) {
        if (const auto* exact = std::get_if<double>(&test)) return *exact == *number;
        const auto* numeric = std::get_if<Numeric>(&test);
        return numeric && std::ranges::all_of(numeric->bounds, [&](const auto& bound) {
                   return holds(bound, *number);
               });
    }
    const auto* text = std::get_if<std::string_view>(&value);
    if (!text) return false;
    if (const auto* exact = std::get_if<std::string>(&test)) return *exact == *text;
    if (const auto* prefix = std::get_if<Prefix>(&test)) return text->starts_with(prefix->text);
    if (const auto* suffix = std::get_if<Suffix>(&test)) return text->ends_with(suffix->text);
    const auto* ignoring = std::get_if<IgnoringCase>(&test);
    return ignoring && equal_ignoring_case(ignoring->text, *text);
}

bool matches(const Matcher& matcher, const std::vector<Scalar>& values) {
    if (const auto* exists = std::get_if<Exists>(&matcher.tests.front()))
        return exists->wanted == !values.empty();
    return std::ranges::any_of(values, [&](const Scalar& value) {
        const bool one_holds = std::ranges::any_of(
            matcher.tests, [&](const Test& test) { return holds(test, value); });
        return one_holds != matcher.anything_but;
    });
}

bool leaf_matches(const std::vector<Matcher>& leaf, const std::vector<Scalar>& values) {
    return std::ranges::any_of(leaf,
                               [&](const Matcher& matcher) { return matches(matcher, values); });
}

// The plain values of an element: itself, or those in a list.
void collect(element value, std::vector<Scalar>& into) {
    array items;
    if (!value.get_array().get(items)) {
        for (const element item : items) collect(item, into);
        return;
    }
    bool flag = false;
    std::string_view text;
    if (value.is_null()) {
        into.emplace_back(nullptr);
    } else if (!value.get_bool().get(flag)) {
        into.emplace_back(flag);
    } else if (!value.get_string().get(text)) {
        into.emplace_back(text);
    } else if (const auto number = number_of(value)) {
        into.emplace_back(*number);
    }
}

// Of equal keys the last one counts.
std::optional<element> member_of(const element* value, std::string_view name) {
    object members;
    if (!value || value->get_object().get(members)) return std::nullopt;
    std::optional<element> found;
    for (const auto& [key, member] : members) {
        if (key == name) found = member;
    }
    return found;
}

}  // namespace

Result<EventPattern> EventPattern::compile(element pattern) {
    object members;
    if (pattern.get_object().get(members)) return wrong("a pattern is a JSON object");
    return compile_object(members);
}

Result<EventPattern> EventPattern::compile_object(object members) {
    if (members.size() == 0) return wrong("an object in a pattern has members");
    EventPattern pattern;
    for (const auto& [name, value] : members) {
        MILL_CHECK(compile_field(name, value, pattern));
    }
    return pattern;
}

Result<void> EventPattern::compile_field(std::string_view name, element value, EventPattern& into) {
    object members;
    array items;
    if (!value.get_object().get(members)) {
        MILL_TRY(EventPattern nested, compile_object(members));
        std::erase_if(into.fields_, [&](const Field& field) { return field.name == name; });
        into.fields_.push_back({.name = std::string(name), .leaf = {}, .nested = {}});
        into.fields_.back().nested.push_back(std::move(nested));
        return {};
    }
    if (value.get_array().get(items))
        return wrong("the value of " + std::string(name) + " is neither an object nor a list");
    if (items.size() == 0) return wrong("the list of " + std::string(name) + " is empty");
    if (name == "$or") {
        std::vector<EventPattern> alternatives;
        for (const element item : items) {
            if (item.get_object().get(members)) return wrong("$or is a list of objects");
            MILL_TRY(EventPattern alternative, compile_object(members));
            alternatives.push_back(std::move(alternative));
        }
        into.one_of_.push_back(std::move(alternatives));
        return {};
    }
    Field field{.name = std::string(name), .leaf = {}, .nested = {}};
    for (const element item : items) {
        MILL_TRY(Matcher matcher, compile_matcher(item));
        field.leaf.push_back(std::move(matcher));
    }
    std::erase_if(into.fields_, [&](const Field& other) { return other.name == name; });
    into.fields_.push_back(std::move(field));
    return {};
}

bool EventPattern::looks_into(std::string_view name) const {
    const auto looks = [&](const EventPattern& pattern) { return pattern.looks_into(name); };
    return std::ranges::any_of(
               fields_,
               [&](const Field& field) { return field.name == name && !field.nested.empty(); }) ||
           std::ranges::any_of(one_of_, [&](const auto& alternatives) {
               return std::ranges::any_of(alternatives, looks);
           });
}

bool EventPattern::compares(std::string_view name) const {
    const auto compares = [&](const EventPattern& pattern) { return pattern.compares(name); };
    return std::ranges::any_of(
               fields_,
               [&](const Field& field) { return field.name == name && field.nested.empty(); }) ||
           std::ranges::any_of(one_of_, [&](const auto& alternatives) {
               return std::ranges::any_of(alternatives, compares);
           });
}

bool EventPattern::matches(const Record& record) const {
    const bool all = std::ranges::all_of(fields_, [&](const Field& field) {
        if (!field.nested.empty()) {
            if (field.name == record.document_name)
                return field.nested.front().matches_element(record.document);
            const auto around = member_of(record.around, field.name);
            return field.nested.front().matches_element(around ? &*around : nullptr);
        }
        std::vector<Scalar> values;
        if (const auto value = record.member(record.of, field.name)) values.push_back(*value);
        return leaf_matches(field.leaf, values);
    });
    return all && std::ranges::all_of(one_of_, [&](const auto& alternatives) {
               return std::ranges::any_of(alternatives, [&](const EventPattern& alternative) {
                   return alternative.matches(record);
               });
           });
}

bool EventPattern::matches_element(const element* value) const {
    array items;
    if (!value || value->get_array().get(items)) return matches_fields(value);
    bool has_objects = false;
    for (const element item : items) {
        if (!item.is_object()) continue;
        has_objects = true;
        if (matches_fields(&item)) return true;
    }
    return !has_objects && matches_fields(nullptr);
}

bool EventPattern::matches_fields(const element* members) const {
    const bool all = std::ranges::all_of(fields_, [&](const Field& field) {
        const auto value = member_of(members, field.name);
        if (!field.nested.empty())
            return field.nested.front().matches_element(value ? &*value : nullptr);
        std::vector<Scalar> values;
        if (value) collect(*value, values);
        return leaf_matches(field.leaf, values);
    });
    return all && std::ranges::all_of(one_of_, [&](const auto& alternatives) {
               return std::ranges::any_of(alternatives, [&](const EventPattern& alternative) {
                   return alternative.matches_fields(members);
               });
           });
}

}  // namespace mill::model
