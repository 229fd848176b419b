// SPDX-License-Identifier: Apache-2.0
#include "services/ssm/declarations.h"

namespace mill::ssm {
namespace {

bool one_matches(std::string_view text, const Filter& filter) {
    const std::string option = filter.option.value_or("Equals");
    if (!filter.values) return true;
    return std::ranges::any_of(*filter.values, [&](const std::string& value) {
        if (option == "BeginsWith") return text.starts_with(value);
        if (option == "Contains") return text.find(value) != text.npos;
        return text == value;
    });
}

bool is_below(std::string_view name, const Filter& filter) {
    if (!filter.values) return true;
    return std::ranges::any_of(*filter.values, [&](std::string_view path) {
        std::string start(path);
        if (!start.ends_with('/')) start += '/';
        if (!name.starts_with(start)) return false;
        return filter.option == "Recursive" || name.find('/', start.size()) == name.npos;
    });
}

bool passes_one(const Parameter& parameter, const Filter& filter) {
    const std::string& key = *filter.key;
    if (key == "Name") {
        // With and without the slash that a name may begin with.
        const std::string bare = parameter.name.substr(parameter.name.starts_with('/') ? 1 : 0);
        return one_matches(parameter.name, filter) || one_matches(bare, filter);
    }
    if (key == "Type") return one_matches(parameter.now.type, filter);
    if (key == "Tier") return one_matches(parameter.now.tier, filter);
    if (key == "DataType") return one_matches(parameter.now.data_type, filter);
    if (key == "KeyId") return parameter.now.key_id && one_matches(*parameter.now.key_id, filter);
    if (key == "Path") return is_below(parameter.name, filter);
    if (key == "Label") {
        return std::ranges::any_of(
            parameter.labels, [&](const auto& label) { return one_matches(label.first, filter); });
    }
    const auto tag = parameter.tags.find(key.substr(std::string_view("tag:").size()));
    return tag != parameter.tags.end() && one_matches(tag->second, filter);
}

Failure invalid_token() {
    return fail("InvalidNextToken", "The specified token is not valid.", 400);
}

}  // namespace

Tags tags_of(const std::optional<std::vector<Tag>>& list) {
    Tags tags;
    for (const Tag& tag : list ? *list : std::vector<Tag>()) tags[*tag.key] = *tag.value;
    return tags;
}

// What stands for the ciphertext: it can be told apart, and says nothing.
std::string shown_value(const Parameter& parameter, const Version& version, bool in_clear) {
    if (version.type != "SecureString" || in_clear) return version.value;
    return base64_encode(
        sha256(fmt::format("{}:{}:{}", parameter.arn(), version.number, version.value)));
}

ParameterDescription describe(const Found& found, bool in_clear) {
    const Version& version = found.version;
    return {.name = found.parameter.name,
            .type = version.type,
            .value = shown_value(found.parameter, version, in_clear),
            .version = version.number,
            .selector = found.selector,
            .modified = version.modified,
            .arn = found.parameter.arn(),
            .data_type = version.data_type};
}

Result<void> check_filters(const Filters& filters) {
    for (const Filter& filter : filters.value_or(std::vector<Filter>())) {
        const std::string option = filter.option.value_or("Equals");
        const bool is_path = *filter.key == "Path", is_name = *filter.key == "Name";
        const bool known =
            is_path   ? option == "OneLevel" || option == "Recursive" || !filter.option
            : is_name ? option == "Equals" || option == "BeginsWith" || option == "Contains"
                      : option == "Equals" || option == "BeginsWith";
        if (!known) {
            return fail("InvalidFilterOption",
                        fmt::format("The following filter option is not valid: {}.", option), 400);
        }
        if (!filter.values && !filter.key->starts_with("tag:")) {
            return fail("InvalidFilterValue",
                        fmt::format("The following filter values are missing: null for filter key "
                                    "{}",
                                    *filter.key),
                        400);
        }
    }
    return {};
}

bool passes(const Parameter& parameter, const Filters& filters) {
    return !filters || std::ranges::all_of(*filters, [&](const Filter& filter) {
        return passes_one(parameter, filter);
    });
}

std::string token_after(const std::string& last) { return base64_encode(last); }

Result<std::string> after_token(const Text& token) {
    if (!token) return std::string();
    auto last = base64_decode(*token);
    if (!last) return invalid_token();
    return *std::move(last);
}

Result<std::int64_t> version_after_token(const Text& token) {
    MILL_TRY(const std::string last, after_token(token));
    if (!token) return 0;
    const auto number = number_in(last);
    if (!number || *number < 1) return invalid_token();
    return *number;
}

Result<Parameter> tagged(const Ssm& ssm, const Caller& caller, const std::string& type,
                         const std::string& id) {
    if (type != "Parameter") {
        return fail("InvalidResourceType",
                    fmt::format("Millrace has parameters, and nothing of the type {}.", type), 400);
    }
    auto parameter = ssm.need(caller, id);
    if (parameter || parameter.error().code != "ParameterNotFound") return parameter;
    return fail("InvalidResourceId",
                "The resource ID is not valid. Verify that you entered the correct ID and try "
                "again.",
                400);
}

}  // namespace mill::ssm
