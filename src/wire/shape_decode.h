// SPDX-License-Identifier: Apache-2.0
// Documents into C++ objects, whatever holds the document: the walk over tables and document is
// written once, over a Source; what scalars mean is no template at all. Internal to wire/.
//
// A Source is a cheap handle of one place in a document:
//     bool is_null(), is_list(), is_map();
//     Source as_text();                       the same place, in Notation::text
//     Scalar scalar();                        what stands here, if it is no list or map
//     Value take_value();                     a copy of it all, or the thing itself
//     std::size_t item_count();
//     Result<void> each_item(visit);          visit(Source)
//     Result<void> each_member(visit);        visit(std::string_view, Source), keys once each
//     Source::Members(source).find(name)      std::optional<Source>
#pragma once

#include <algorithm>

#include "wire/shape.h"

namespace mill::wire {

struct Scalar {
    enum class Found : std::uint8_t { other, boolean, integer, real, text, bytes };
    Found found = Found::other;
    bool boolean = false;
    bool is_number = false;  // the text may be one, or a time: Notation::text
    std::int64_t integer = 0;
    double real = 0;
    std::string_view text;
    std::string* owned = nullptr;  // the text or bytes, to be taken out of the document
};

// SerializationException (400).
Failure mistyped(std::string message);
Result<void> decode_scalar(const Type& type, void* object, Scalar from);
// Of a refused member: does it ask for nothing?
bool is_harmless(const Member& member, const Value& value);
Failure refused_member(const Member& member);

constexpr std::string_view list_not_expected = "Start of list found where not expected";
constexpr std::string_view map_not_expected = "Start of structure or map found where not expected.";
// A list is given room for its elements beforehand, but what a few bytes can claim has a bound.
constexpr std::size_t reserved_elements_max = 1024;

// Outside of bodies there are only texts.
constexpr bool is_text_place(Location location) {
    return location == Location::uri || location == Location::query || location == Location::header;
}

template <class Source>
Result<void> decode_structure(const Structure& structure, void* object, Source from);
template <class Source>
Result<void> decode_place(const Type& type, void* object, Source from);

template <class Source>
Result<void> decode_list(const Type& type, void* object, Source from) {
    if (from.is_map()) return mistyped(std::string(map_not_expected));
    if (!from.is_list()) return mistyped("Expected list or null");
    type.reserve(object, std::min(from.item_count(), reserved_elements_max));
    return from.each_item([&](Source item) -> Result<void> {
        // A null structure is kept, empty, so that its required members are complained about under
        // the right number.
        const bool kept = !item.is_null() || type.element->kind == Kind::document ||
                          type.element->kind == Kind::structure;
        if (!kept) return {};
        void* element = type.push(object);
        if (item.is_null()) return {};
        return decode_place(*type.element, element, item);
    });
}

template <class Source>
Result<void> decode_map(const Type& type, void* object, Source from) {
    if (from.is_list()) return mistyped(std::string(list_not_expected));
    if (!from.is_map()) return mistyped("Expected map or null");
    return from.each_member([&](std::string_view key, Source value) -> Result<void> {
        if (value.is_null() && type.element->kind != Kind::document) return {};
        return decode_place(*type.element, type.insert(object, key), value);
    });
}

template <class Source>
Result<void> decode_place(const Type& type, void* object, Source from) {
    switch (type.kind) {
        case Kind::document:
            *static_cast<Value*>(object) = from.take_value();
            return {};
        case Kind::structure:
            return decode_structure(*type.structure(), object, from);
        case Kind::list:
            return decode_list(type, object, from);
        case Kind::map:
            return decode_map(type, object, from);
        default:
            if (from.is_list()) return mistyped(std::string(list_not_expected));
            if (from.is_map()) return mistyped(std::string(map_not_expected));
            return decode_scalar(type, object, from.scalar());
    }
}

template <class Source>
Result<void> decode_structure(const Structure& structure, void* object, Source from) {
    if (from.is_null()) return {};
    if (from.is_list()) return mistyped(std::string(list_not_expected));
    if (!from.is_map()) return mistyped("Expected null");
    typename Source::Members members(from);
    for (const Member& member : structure.members) {
        std::optional<Source> value = members.find(member.name);
        if (!value || value->is_null()) continue;
        if (member.is_refused()) {
            if (is_harmless(member, value->take_value())) continue;
            return refused_member(member);
        }
        if (is_text_place(member.location)) value = value->as_text();
        MILL_CHECK(decode_place(*member.type, member.emplace(object), *value));
    }
    return {};
}

}  // namespace mill::wire
