// SPDX-License-Identifier: Apache-2.0
#include "services/ssm/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "model/arn.h"
#include "wire/pattern.h"

namespace mill::ssm {
namespace {

constexpr std::size_t name_length_max = 1011;  // an ARN has 1024 at most
constexpr std::ptrdiff_t levels_max = 15;
constexpr std::size_t standard_characters = 4'096, advanced_characters = 8'192;
constexpr std::size_t tags_max = 50;
constexpr std::size_t label_length_max = 100;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool is_reserved(std::string_view name) {
    const std::string start = lower(name.substr(name.starts_with('/') ? 1 : 0, 3));
    return start == "aws" || start == "ssm";
}

Result<std::string> tier_of(const Draft& draft, const Parameter* before) {
    std::string tier = draft.tier.value_or(before ? before->now.tier : "Standard");
    if (tier == "Intelligent-Tiering")
        tier = draft.value.size() > standard_characters ? "Advanced" : "Standard";
    if (before && before->now.tier == "Advanced" && tier == "Standard") {
        if (draft.tier == "Standard")
            return invalid(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter "
                "from the advanced-parameter tier to the standard-parameter tier. If necessary, "
                "you "
                "can delete the advanced parameter and recreate it as a standard parameter.");
        tier = "Advanced";
    }
    if (tier == "Standard" && draft.value.size() > standard_characters) {
        return invalid(
            fmt::format("Standard tier parameters support a maximum parameter value of {} "
                        "characters. To create a larger parameter value, upgrade the parameter to "
                        "use the advanced-parameter tier. For more information, see "
                        "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
                        "parameter-store-advanced-parameters.html",
                        standard_characters));
    }
    if (draft.value.size() > advanced_characters) {
        return invalid(fmt::format(
            "Advanced tier parameters support a maximum parameter value of {} characters.",
            advanced_characters));
    }
    return tier;
}

Result<void> check_pattern(const Text& pattern, const std::string& value) {
    if (!pattern || pattern->empty()) return {};
    if (!wire::pattern_supported(*pattern)) {
        return fail("InvalidAllowedPatternException",
                    fmt::format("The request does not meet the regular expression requirement: {}",
                                *pattern),
                    400);
    }
    if (wire::matches_pattern(*pattern, value)) return {};
    return fail(
        "ParameterPatternMismatchException",
        fmt::format("Parameter value, cannot be validated against allowedPattern: {}", *pattern),
        400);
}

}  // namespace

Failure invalid(std::string message) {
    return fail("ValidationException", std::move(message), 400);
}

std::string plain_name(std::string_view text) {
    const auto arn = model::parse_arn(text);
    constexpr std::string_view start = "parameter/";
    if (!arn || arn->service != "ssm" || !arn->resource.starts_with(start))
        return std::string(text);
    // The ARN of "/a/b" and of "b": with and without a slash further on.
    const std::string rest = arn->resource.substr(start.size());
    return (rest.find('/') == rest.npos ? "" : "/") + rest;
}

Result<void> check_new_name(const std::string& name) {
    if (name.size() > name_length_max)
        return invalid(
            fmt::format("Parameter name must not be longer than {} characters.", name_length_max));
    if (name.find('/') != name.npos && !name.starts_with('/'))
        return invalid("Parameter name must be a fully qualified name.");
    const bool known = std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == '/';
    });
    const bool has_gap = name.find("//") != name.npos || name.ends_with('/');
    if (!known || has_gap || is_reserved(name)) {
        return invalid(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If "
            "formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path "
            "can be formed as a mix of letters, numbers and the following 3 symbols .-_");
    }
    if (std::ranges::count(name, '/') <= levels_max) return {};
    return fail("HierarchyLevelLimitExceededException",
                fmt::format("Hierarchy level limit exceeded: the parameter {} has more than {} "
                            "levels.",
                            name, levels_max),
                400);
}

Result<Version> next_version(const Draft& draft, const Parameter* before) {
    if (!before && !draft.type)
        return invalid("A parameter type is required when you create a parameter.");
    if (before && draft.type && *draft.type != before->now.type) {
        return fail("HierarchyTypeMismatchException",
                    fmt::format("The parameter {} is of the type {}, which cannot change to {}. "
                                "Delete it, or choose another name.",
                                draft.name, before->now.type, *draft.type),
                    400);
    }
    if (draft.value.empty())
        return invalid(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member "
            "must have length greater than or equal to 1.");
    Version version;
    version.number = before ? before->now.number + 1 : 1;
    version.value = draft.value;
    version.type = draft.type.value_or(before ? before->now.type : "String");
    version.data_type = draft.data_type.value_or(before ? before->now.data_type : "text");
    version.description = draft.description;
    version.allowed_pattern = draft.allowed_pattern;
    if (before && !draft.description) version.description = before->now.description;
    if (before && !draft.allowed_pattern) version.allowed_pattern = before->now.allowed_pattern;
    MILL_TRY(version.tier, tier_of(draft, before));
    if (version.data_type != "text") {
        return invalid(
            fmt::format("The following data type is not supported: {} (Data type names are all "
                        "lowercase.) Millrace knows text.",
                        version.data_type));
    }
    if (version.type == "SecureString") {
        version.key_id = draft.key_id ? draft.key_id : Text("alias/aws/ssm");
    } else if (draft.key_id) {
        return fail("InvalidKeyId", "KeyId is of parameters of the type SecureString only.", 400);
    }
    MILL_CHECK(check_pattern(version.allowed_pattern, version.value));
    return version;
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > label_length_max) return false;
    if (std::isdigit(static_cast<unsigned char>(label[0])) || is_reserved(label)) return false;
    return std::ranges::all_of(
        label, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; });
}

Result<void> check_tags(const Tags& tags) {
    if (tags.size() <= tags_max) return {};
    return fail("TooManyTagsError", fmt::format("A parameter has {} tags at most.", tags_max), 400);
}

}  // namespace mill::ssm
