// SPDX-License-Identifier: Apache-2.0
#include "services/ports/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mill::ports {
namespace {

using wire::Kind;
using wire::Value;

Result<void> fit_type(const wire::Type& type, Value& value);

void fit_integer(Value& value) {
    const std::string* text = value.string();
    if (text == nullptr) return;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc() && end == text->data() + text->size()) value = number;
}

void fit_boolean(Value& value) {
    const std::string* text = value.string();
    if (text != nullptr && (*text == "true" || *text == "false")) value = *text == "true";
}

void fit_string(Value& value) {
    if (value.integer() != nullptr || value.boolean() != nullptr || value.real() != nullptr)
        value = wire::write_json(value);
}

Result<void> fit_type(const wire::Type& type, Value& value) {
    switch (type.kind) {
        case Kind::integer:
            fit_integer(value);
            return {};
        case Kind::boolean:
            fit_boolean(value);
            return {};
        case Kind::string:
            fit_string(value);
            return {};
        case Kind::structure:
            return fit(*type.structure(), value);
        case Kind::list:
            if (auto* items = value.items()) {
                for (Value& item : *items) MILL_CHECK(fit_type(*type.element, item));
            }
            return {};
        case Kind::map:
            if (auto* members = value.members()) {
                for (auto& [name, member] : *members) MILL_CHECK(fit_type(*type.element, member));
            }
            return {};
        default:
            return {};
    }
}

}  // namespace

Failure unsupported_property(std::string_view name) {
    return fail("ValidationError", fmt::format("Encountered unsupported property {}", name), 400);
}

Failure needs_replacement(std::string_view name) {
    return fail("resource.replace", fmt::format("a change of {} needs a new resource", name));
}

Result<void> fit(const wire::Structure& structure, Value& properties) {
    auto* members = properties.members();
    if (members == nullptr) return {};
    for (auto& [name, value] : *members) {
        const auto known =
            std::find_if(structure.members.begin(), structure.members.end(),
                         [&](const wire::Member& member) { return member.name == name; });
        if (known == structure.members.end()) return unsupported_property(name);
        if (known->is_refused()) {  // also in an update, whose operation may not know the name
            Value alone = Value(Value::Map{{name, value}});
            MILL_CHECK(wire::decode({structure.name, {&*known, 1}}, nullptr, alone));
            continue;
        }
        MILL_CHECK(fit_type(*known->type, value));
    }
    return {};
}

bool differ(const Value& a, const Value& b, std::initializer_list<std::string_view> names) {
    static const Value absent;
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        const Value* left = a.find(name);
        const Value* right = b.find(name);
        return (left ? *left : absent) != (right ? *right : absent);
    });
}

Result<void> fit_tags(Value& properties) {
    const Value* tags = properties.find("Tags");
    if (tags == nullptr || tags->items() == nullptr) return {};
    Value map = Value::map();
    for (const Value& tag : *tags->items()) {
        const Value* key = tag.find("Key");
        const Value* value = tag.find("Value");
        if (key == nullptr || value == nullptr)
            return fail("ValidationError", "Tags: each needs Key and Value", 400);
        const std::string name = key->string() ? *key->string() : wire::write_json(*key);
        map[name] = *value;
    }
    properties["Tags"] = std::move(map);
    return {};
}

std::map<std::string, std::string> tags_in(const Value& properties) {
    std::map<std::string, std::string> out;
    const Value* tags = properties.find("Tags");
    if (tags == nullptr || tags->members() == nullptr) return out;
    for (const auto& [key, value] : *tags->members()) out[key] = wire::text_of(*tags, key);
    return out;
}

void set_default(Value& properties, std::string_view name, Value value) {
    const Value* present = properties.find(name);
    if (present == nullptr || present->is_null()) properties[name] = std::move(value);
}

}  // namespace mill::ports
