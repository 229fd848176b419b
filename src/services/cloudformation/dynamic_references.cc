// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/dynamic_references.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "services/cloudformation/template.h"

namespace mill::cloudformation {
namespace {

using wire::Value;

Failure invalid(std::string text) { return fail("ValidationError", std::move(text), 400); }

// Of what stands between the braces: "ssm:name:version".
Result<std::string> value_of(std::string_view reference, const References& references) {
    constexpr std::string_view ssm = "ssm:";
    const std::string_view service = reference.substr(0, reference.find(':'));
    if (reference.starts_with(ssm) && reference.size() > ssm.size())
        return references.parameter(std::string(reference.substr(ssm.size())));
    if (service == "secretsmanager") {
        return invalid(
            fmt::format("Secrets Manager can't find the specified secret. Millrace has no Secrets "
                        "Manager: put the value of {{{{resolve:{}}}}} into a parameter of SSM, as "
                        "{{{{resolve:ssm:name}}}}.",
                        reference));
    }
    return invalid(
        fmt::format("Incorrect format is used in the following SSM reference: [{}{}}}}}]",
                    dynamic_mark, reference));
}

bool has_secure(const Value& value) {
    if (const std::string* text = value.string()) return text->contains("{{resolve:ssm-secure:");
    if (const Value::List* items = value.items()) {
        for (const Value& item : *items) {
            if (has_secure(item)) return true;
        }
    }
    if (const Value::Map* members = value.members()) {
        for (const auto& [name, member] : *members) {
            if (has_secure(member)) return true;
        }
    }
    return false;
}

}  // namespace

Result<std::string> with_dynamic_values(std::string_view text, const References& references) {
    std::string out;
    for (std::size_t start; (start = text.find(dynamic_mark)) != text.npos;) {
        const std::size_t end = text.find("}}", start);
        if (end == text.npos) break;
        out += text.substr(0, start);
        const std::size_t begin = start + dynamic_mark.size();
        MILL_TRY(const std::string value, value_of(text.substr(begin, end - begin), references));
        out += value;
        text.remove_prefix(end + 2);
    }
    return out += text;
}

Result<void> check_secure_references(const Value& document) {
    const Value& resources = section_of(document, "Resources");
    if (!resources.members()) return {};
    std::set<std::string> places;
    for (const auto& [id, resource] : *resources.members()) {
        const Value* properties = resource.find("Properties");
        if (!properties || !properties->members()) continue;
        for (const auto& [name, value] : *properties->members()) {
            if (has_secure(value))
                places.insert(fmt::format("{}/Properties/{}", text_of(resource, "Type"), name));
        }
    }
    if (places.empty()) return {};
    return invalid(
        fmt::format("SSM Secure reference is not supported in: [{}]", fmt::join(places, ", ")));
}

}  // namespace mill::cloudformation
