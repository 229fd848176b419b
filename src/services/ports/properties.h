// SPDX-License-Identifier: Apache-2.0
// Template properties made to fit an API input: same names, but scalars may come as text
// ("Timeout": "30").
#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include "wire/shape.h"

namespace mill::ports {

// Turns scalars into what the structure's members are. A name that the structure does not know is
// refused with it.
Result<void> fit(const wire::Structure& structure, wire::Value& properties);

// The struct whose shape they fit, its rules checked.
template <class T>
Result<T> read_properties(wire::Value properties) {
    const wire::Structure& structure = wire::structure_of<T>();
    MILL_CHECK(fit(structure, properties));
    MILL_TRY(T read, wire::decode_as<T>(std::move(properties)));
    MILL_CHECK(wire::check(structure, &read));
    return read;
}

// Whether any of these properties differs (absent and null count as equal).
bool differ(const wire::Value& a, const wire::Value& b,
            std::initializer_list<std::string_view> names);

// Gives the property its default if the template does not name it.
void set_default(wire::Value& properties, std::string_view name, wire::Value value);

// [{Key, Value}] of templates → {key: value} of the API, and those of the latter.
Result<void> fit_tags(wire::Value& properties);
std::map<std::string, std::string> tags_in(const wire::Value& properties);

Failure unsupported_property(std::string_view name);
Failure needs_replacement(std::string_view name);

}  // namespace mill::ports
