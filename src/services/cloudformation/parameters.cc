// SPDX-License-Identifier: Apache-2.0
// Parameters of a template:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "services/cloudformation/template.h"
#include "wire/pattern.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

Failure invalid(std::string text) { return fail("ValidationError", std::move(text), 400); }

std::optional<double> number_of(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return number;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    if (text.empty()) return items;
    while (true) {
        const std::size_t comma = text.find(',');
        std::string_view item = text.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        items.emplace_back(item);
        if (comma == text.npos) return items;
        text.remove_prefix(comma + 1);
    }
}

bool is_list(std::string_view type) {
    return type == "CommaDelimitedList" || type.starts_with("List<") ||
           type.starts_with("AWS::SSM::Parameter::Value<List<") ||
           type == "AWS::SSM::Parameter::Value<CommaDelimitedList>";
}

// A constraint's broken rule in AWS's words, or the template's own.
Failure broken(const std::string& key, const Value& rules, const std::string& rule) {
    const std::string described = text_of(rules, "ConstraintDescription");
    if (!described.empty()) {
        return invalid(
            fmt::format("Parameter {} failed to satisfy constraint: {}", key, described));
    }
    return invalid(fmt::format("Parameter '{}' {}", key, rule));
}

std::optional<double> rule_number(const Value& rules, std::string_view name) {
    const Value* rule = rules.find(name);
    const std::optional<std::string> text = rule ? scalar_text(*rule) : std::nullopt;
    return text ? number_of(*text) : std::nullopt;
}

Result<void> check_pattern(const std::string& key, const Value& rules, const std::string& value) {
    const std::string pattern = text_of(rules, "AllowedPattern");
    if (pattern.empty()) return {};
    if (!wire::pattern_supported(pattern)) {
        return invalid(fmt::format(
            "Template format error: AllowedPattern {} of parameter {} is not a regular expression",
            pattern, key));
    }
    const bool matches = wire::matches_pattern(pattern, value);
    if (!matches) return broken(key, rules, fmt::format("must match pattern {}", pattern));
    return {};
}

Result<void> check_scalar(const std::string& key, const Value& rules, const std::string& type,
                          const std::string& value) {
    if (const Value* allowed = rules.find("AllowedValues"); allowed && allowed->items()) {
        const bool found = std::ranges::any_of(
            *allowed->items(), [&](const Value& item) { return scalar_text(item) == value; });
        if (!found) return broken(key, rules, "must be one of AllowedValues");
    }
    if (type == "Number" || type == "List<Number>") {
        const std::optional<double> number = number_of(value);
        if (!number) return invalid(fmt::format("Parameter '{}' must be a number.", key));
        const auto min = rule_number(rules, "MinValue"), max = rule_number(rules, "MaxValue");
        if (min && *number < *min)
            return broken(key, rules, fmt::format("must be a number not less than {}", *min));
        if (max && *number > *max)
            return broken(key, rules, fmt::format("must be a number not greater than {}", *max));
        return {};
    }
    const auto min = rule_number(rules, "MinLength"), max = rule_number(rules, "MaxLength");
    const auto length = static_cast<double>(value.size());
    if (min && length < *min)
        return broken(key, rules, fmt::format("must contain at least {} characters", *min));
    if (max && length > *max)
        return broken(key, rules, fmt::format("must contain at most {} characters", *max));
    return check_pattern(key, rules, value);
}

Result<void> check_value(const Value& rules, const Parameter& parameter) {
    if (parameter.value.contains(known_after_apply)) return {};  // of a change set's nested stack
    if (parameter.value.size() > limits::parameter_bytes_max) {
        return invalid(fmt::format("Parameter '{}' must contain at most {} characters",
                                   parameter.key, limits::parameter_bytes_max));
    }
    if (!is_list(parameter.type) || parameter.is_stored())
        return check_scalar(parameter.key, rules, parameter.type, parameter.value);
    for (const std::string& item : split_list(parameter.value)) {
        MILL_CHECK(check_scalar(parameter.key, rules, parameter.type, item));
    }
    return {};
}

std::optional<std::string> value_for(const std::string& key, const Value& rules,
                                     const std::vector<GivenParameter>& given,
                                     const std::vector<Parameter>& previous) {
    const auto match = std::ranges::find(given, key, &GivenParameter::key);
    if (match != given.end()) {
        if (!match->use_previous) return match->value;
        const auto old = std::ranges::find(previous, key, &Parameter::key);
        if (old == previous.end()) return std::nullopt;
        return old->value;
    }
    const Value* fallback = rules.find("Default");
    return fallback ? scalar_text(*fallback) : std::nullopt;
}

}  // namespace

Result<std::vector<Parameter>> bind_parameters(const Value& document,
                                               const std::vector<GivenParameter>& given,
                                               const std::vector<Parameter>& previous) {
    const Value& declared = section_of(document, "Parameters");
    std::vector<std::string> unknown, missing;
    for (const GivenParameter& parameter : given) {
        if (!declared.find(parameter.key)) unknown.push_back(parameter.key);
    }
    if (!unknown.empty()) {
        return invalid(
            fmt::format("Parameters: [{}] do not exist in the template", fmt::join(unknown, ", ")));
    }
    std::vector<Parameter> bound;
    if (!declared.members()) return bound;
    for (const auto& [key, rules] : *declared.members()) {
        const std::string type = text_of(rules, "Type");
        if (type.empty()) {
            return invalid(
                "Template format error: Every Parameters object must contain a Type member.");
        }
        const Value* no_echo = rules.find("NoEcho");
        const std::optional<std::string> value = value_for(key, rules, given, previous);
        if (!value) missing.push_back(key);
        bound.push_back(
            {key, value.value_or(""), type, no_echo && scalar_text(*no_echo) == "true"});
    }
    if (!missing.empty()) {
        return invalid(fmt::format("Parameters: [{}] must have values", fmt::join(missing, ", ")));
    }
    for (const Parameter& parameter : bound) {
        MILL_CHECK(check_value(*declared.find(parameter.key), parameter));
    }
    return bound;
}

std::vector<DeclaredParameter> declared_parameters(const Value& document) {
    std::vector<DeclaredParameter> out;
    const Value& section = section_of(document, "Parameters");
    if (!section.members()) return out;
    for (const auto& [key, rules] : *section.members()) {
        DeclaredParameter parameter{.key = key, .type = text_of(rules, "Type")};
        if (const Value* fallback = rules.find("Default"))
            parameter.default_value = scalar_text(*fallback);
        if (const Value* no_echo = rules.find("NoEcho"))
            parameter.no_echo = scalar_text(*no_echo) == "true";
        if (const Value* text = rules.find("Description"))
            parameter.description = scalar_text(*text);
        if (const Value* allowed = rules.find("AllowedValues"); allowed && allowed->items()) {
            for (const Value& item : *allowed->items())
                parameter.allowed_values.push_back(scalar_text(item).value_or(""));
        }
        out.push_back(std::move(parameter));
    }
    return out;
}

Value parameter_value(const Parameter& parameter) {
    const std::string text = parameter.resolved.value_or(parameter.value);
    if (!is_list(parameter.type)) return text;
    Value::List items;
    for (std::string& item : split_list(text)) items.emplace_back(std::move(item));
    return items;
}

}  // namespace mill::cloudformation
