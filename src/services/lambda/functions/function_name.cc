// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/function_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace mill::lambda {
namespace {

constexpr std::size_t name_characters_max = 64;
constexpr std::size_t qualifier_characters_max = 128;
constexpr std::string_view pattern =
    "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-"
    "Z0-9-_]+)"
    "(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

bool is_account(std::string_view text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == std::string_view::npos) return parts;
        text.remove_prefix(colon + 1);
    }
}

Failure violation(std::string_view value, std::string_view member, const std::string& constraint) {
    return fail(
        "ValidationException",
        fmt::format(
            "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}",
            value, member, constraint),
        400);
}

Result<void> check_name(std::string_view whole, std::string_view name) {
    if (!is_word(name)) {
        return violation(
            whole, "functionName",
            fmt::format("Member must satisfy regular expression pattern: {}", pattern));
    }
    if (name.size() > name_characters_max) {
        return violation(
            whole, "functionName",
            fmt::format("Member must have length less than or equal to {}", name_characters_max));
    }
    return {};
}

Result<void> check_qualifier(std::string_view qualifier) {
    if (qualifier.empty() || qualifier == latest_version) return {};
    std::string without_dollars(qualifier);
    std::erase(without_dollars, '$');
    if (qualifier.size() > qualifier_characters_max ||
        (!without_dollars.empty() && !is_word(without_dollars))) {
        return violation(qualifier, "qualifier",
                         "Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)");
    }
    return {};
}

}  // namespace

std::string FunctionId::arn() const {
    return fmt::format("arn:aws:lambda:{}:{}:function:{}", region, account, name);
}

std::string FunctionReference::arn() const {
    return qualifier.empty() ? id.arn() : id.arn() + ":" + qualifier;
}

Error function_not_found(const std::string& arn) {
    return Error{"ResourceNotFoundException", "Function not found: " + arn, 404};
}

Result<FunctionReference> parse_function_name(const Caller& caller, std::string_view text,
                                              std::string_view qualifier) {
    FunctionReference reference{.id = {caller.account, caller.region, {}}, .qualifier = {}};
    std::vector<std::string_view> parts = split(text);
    std::size_t at = 0;
    if (parts[0] == "arn") {
        if (parts.size() < 7 || !parts[1].starts_with("aws") || parts[2] != "lambda" ||
            !is_account(parts[4]) || parts[5] != "function") {
            return violation(
                text, "functionName",
                fmt::format("Member must satisfy regular expression pattern: {}", pattern));
        }
        if (parts[3] != caller.region) {
            return fail("ResourceNotFoundException",
                        fmt::format("Functions from '{}' are not reachable in this region ('{}')",
                                    parts[3], caller.region),
                        404);
        }
        reference.id.account = parts[4];
        at = 6;
    } else if (parts.size() >= 3 && is_account(parts[0]) && parts[1] == "function") {
        reference.id.account = parts[0];
        at = 2;
    } else if (parts.size() >= 2 && parts[0] == "function") {
        at = 1;
    }
    if (parts.size() - at > 2) {
        return violation(
            text, "functionName",
            fmt::format("Member must satisfy regular expression pattern: {}", pattern));
    }
    reference.id.name = parts[at];
    if (parts.size() - at == 2) {
        reference.qualifier = parts[at + 1];
        if (reference.qualifier.empty())
            return violation(
                text, "functionName",
                fmt::format("Member must satisfy regular expression pattern: {}", pattern));
    }
    MILL_CHECK(check_name(text, reference.id.name));
    MILL_CHECK(check_qualifier(reference.qualifier));
    MILL_CHECK(check_qualifier(qualifier));
    if (!qualifier.empty() && !reference.qualifier.empty() && qualifier != reference.qualifier) {
        return fail(
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
            400);
    }
    if (!qualifier.empty()) reference.qualifier = qualifier;
    return reference;
}

Result<FunctionReference> parse_unqualified_name(const Caller& caller, std::string_view text) {
    MILL_TRY(FunctionReference reference, parse_function_name(caller, text, ""));
    if (!reference.is_latest()) {
        return fail("InvalidParameterValueException",
                    "This operation is permitted on Lambda functions only. Aliases and versions do "
                    "not support this operation. Please specify either a function name or an "
                    "unqualified function ARN.",
                    400);
    }
    return reference;
}

std::optional<std::int64_t> version_number(std::string_view qualifier) {
    std::int64_t number = 0;
    const char* end = qualifier.data() + qualifier.size();
    const auto [at, error] = std::from_chars(qualifier.data(), end, number);
    const bool begins = !qualifier.empty() && qualifier.front() >= '1' && qualifier.front() <= '9';
    if (!begins || error != std::errc() || at != end) return std::nullopt;
    return number;
}

}  // namespace mill::lambda
