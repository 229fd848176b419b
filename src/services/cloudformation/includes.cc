// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/includes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/cloudformation/language_extensions.h"
#include "services/cloudformation/sam_transform.h"
#include "services/cloudformation/template.h"

namespace mill::cloudformation {
namespace {

using wire::Value;

// A snippet may be in many places: a small template can mean a huge one.
constexpr std::size_t included_bytes_max = 16 * 1024 * 1024;

// Sections that no snippet may be in.
constexpr std::string_view plain_sections[] = {"AWSTemplateFormatVersion", "Parameters",
                                               "Transform"};

Failure failed(std::string_view text) {
    return fail("ValidationError", fmt::format("Transform {} failed with: {}", include_name, text),
                400);
}

bool has_function(const Value& value) {
    if (const Value::List* items = value.items()) return std::ranges::any_of(*items, has_function);
    const Value::Map* members = value.members();
    return members && std::ranges::any_of(*members, [](const auto& member) {
               return member.first == transform_function || has_function(member.second);
           });
}

// Of {"Name": "AWS::Include", "Parameters": {"Location": ...}}.
Result<std::string> location_of(const Value& macro, const References& parameters) {
    const std::string name = text_of(macro, "Name");
    if (name != include_name) return no_such_transform(name);
    const Value* arguments = macro.find("Parameters");
    const Value* location = arguments ? arguments->find("Location") : nullptr;
    if (!location) return failed("The Parameters must contain the Location of a snippet in S3.");
    const Value no_mappings;
    const ConditionValues no_conditions;
    MILL_TRY(const auto value, evaluate(*location, {parameters, no_mappings, no_conditions}));
    if (value && value->string()) return *value->string();
    return failed("The Location must come to a string.");
}

// The macros of the section Transform that include something.
std::vector<const Value*> whole_includes(const Value& document) {
    std::vector<const Value*> out;
    const Value& section = section_of(document, "Transform");
    const auto note = [&](const Value& one) {
        if (text_of(one, "Name") == include_name) out.push_back(&one);
    };
    note(section);
    if (const Value::List* items = section.items()) std::ranges::for_each(*items, note);
    return out;
}

Result<void> collect(const Value& value, const References& parameters,
                     std::vector<std::string>& out) {
    if (const Value::List* items = value.items()) {
        for (const Value& item : *items) MILL_CHECK(collect(item, parameters, out));
    }
    const Value::Map* members = value.members();
    if (!members) return {};
    for (const auto& [name, member] : *members) {
        if (name != transform_function) {
            MILL_CHECK(collect(member, parameters, out));
            continue;
        }
        MILL_TRY(std::string location, location_of(member, parameters));
        out.push_back(std::move(location));
    }
    return {};
}

void add_members(Value::Map& to, const Value& snippet) {
    std::set<std::string> there;
    for (const auto& member : to) there.insert(member.first);
    for (const auto& member : *snippet.members()) {
        if (there.insert(member.first).second) to.push_back(member);
    }
}

class Filling {
  public:
    Filling(const Snippets& snippets, const References& parameters)
        : snippets_(snippets), parameters_(parameters) {}

    Result<const Value*> snippet_of(const Value& macro) {
        MILL_TRY(const std::string location, location_of(macro, parameters_));
        const auto found = snippets_.find(location);
        if (found == snippets_.end())
            return failed(fmt::format("The snippet {} has not been read.", location));
        if (has_function(found->second))
            return failed(fmt::format("The snippet {} must not contain {} itself.", location,
                                      transform_function));
        bytes_ += weight(found->second);
        if (bytes_ > included_bytes_max) return failed("The expanded template is too large.");
        return &found->second;
    }

    Result<Value> filled(const Value& value) {
        if (const Value::List* items = value.items())
            return each_item(*items, [this](const Value& item) { return filled(item); });
        const Value::Map* members = value.members();
        if (!members) return value;
        Value::Map out;
        for (const auto& [name, member] : *members) {
            if (name == transform_function) continue;
            MILL_TRY(Value one, filled(member));
            out.emplace_back(name, std::move(one));
        }
        if (const Value* macro = value.find(transform_function)) {
            MILL_TRY(const Value* snippet, snippet_of(*macro));
            if (!snippet->members() && !out.empty())
                return failed("A snippet beside other members must be a map.");
            if (!snippet->members()) return *snippet;
            add_members(out, *snippet);
        }
        return Value(std::move(out));
    }

  private:
    const Snippets& snippets_;
    const References& parameters_;
    std::size_t bytes_ = 0;
};

bool is_plain(std::string_view section) {
    return std::ranges::find(plain_sections, section) != std::end(plain_sections);
}

}  // namespace

Failure no_such_transform(std::string_view name) {
    return fail("ValidationError",
                fmt::format("No transform named {} found. Millrace supports the transforms {}, {} "
                            "and {}; macros of your own are not supported.",
                            name, sam_transform_name, language_extensions_name, include_name),
                400);
}

bool has_includes(const Value& document) {
    return !whole_includes(document).empty() || has_function(document);
}

bool uses_macros(const Value& document) {
    return !transforms_of(document).empty() || has_includes(document);
}

Result<std::vector<std::string>> include_locations(const Value& document,
                                                   const References& parameters) {
    std::vector<std::string> out;
    for (const Value* macro : whole_includes(document)) {
        MILL_TRY(std::string location, location_of(*macro, parameters));
        out.push_back(std::move(location));
    }
    for (const auto& [section, value] : *document.members()) {
        if (!is_plain(section)) MILL_CHECK(collect(value, parameters, out));
    }
    return out;
}

Result<Value> with_includes(Value document, const Snippets& snippets,
                            const References& parameters) {
    if (!has_includes(document)) return document;
    Filling filling(snippets, parameters);
    std::vector<const Value*> whole;
    for (const Value* macro : whole_includes(document)) {
        MILL_TRY(const Value* snippet, filling.snippet_of(*macro));
        if (!snippet->members()) return failed("A snippet of whole sections must be a map.");
        whole.push_back(snippet);
    }
    for (auto& [section, value] : *document.members()) {
        if (is_plain(section)) continue;
        MILL_TRY(value, filling.filled(value));
    }
    for (const Value* snippet : whole) {
        Value sections = *snippet;
        std::erase_if(*sections.members(), [](const auto& one) { return is_plain(one.first); });
        add_members(*document.members(), sections);
    }
    MILL_CHECK(check_outline(document));
    return document;
}

}  // namespace mill::cloudformation
