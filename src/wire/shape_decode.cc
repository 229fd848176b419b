// SPDX-License-Identifier: Apache-2.0
// Values into C++ objects. The texts of type errors are those that Kinesis gives, recorded by
// kinesalite.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "wire/notation.h"
#include "wire/shape.h"

namespace mill::wire {
namespace {

// Years 0 to 9999: what ISO 8601 can write, and far from where a double of seconds loses
// milliseconds.
constexpr double epoch_ms_min = -62167219200000.0, epoch_ms_max = 253402300799999.0;

Failure mistyped(std::string message) {
    return fail("SerializationException", std::move(message), 400);
}

// The Java class that AWS names for a scalar; empty for lists and maps.
std::string_view java_class(const Value& from) {
    if (from.boolean()) return "java.lang.Boolean";
    if (from.integer() || from.real()) return "java.math.BigDecimal";
    if (from.string()) return "java.lang.String";
    if (from.blob()) return "java.nio.HeapByteBuffer";
    return {};
}

Failure inconvertible(const Value& from, std::string_view to) {
    if (from.items()) return mistyped("Start of list found where not expected");
    if (from.members()) return mistyped("Start of structure or map found where not expected.");
    return mistyped(fmt::format("class {} can not be converted to {}", java_class(from), to));
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

std::int64_t truncated(double number) {
    if (std::isnan(number)) return 0;
    if (number >= 9223372036854775808.0) return std::numeric_limits<std::int64_t>::max();
    if (number < -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(std::floor(number));
}

Result<void> decode_string(void* object, Value& from) {
    std::string* text = from.string();
    if (!text) return inconvertible(from, "an String");
    *static_cast<std::string*>(object) = std::move(*text);
    return {};
}

Result<void> decode_integer(void* object, const Value& from) {
    auto& to = *static_cast<std::int64_t*>(object);
    if (const auto* number = from.integer()) {
        to = *number;
    } else if (const auto* real = from.real()) {
        to = truncated(*real);
    } else if (const auto* text = from.string()) {  // Query bodies, URIs and headers
        const auto read = parsed<std::int64_t>(*text);
        if (!read) return inconvertible(from, "an Integer");
        to = *read;
    } else {
        return inconvertible(from, "an Integer");
    }
    return {};
}

Result<void> decode_real(void* object, const Value& from) {
    auto& to = *static_cast<double*>(object);
    if (const auto* number = from.integer()) {
        to = static_cast<double>(*number);
    } else if (const auto* real = from.real()) {
        to = *real;
    } else if (const auto* text =
                   from.string()) {  // also "NaN" and "Infinity", as JSON carries them
        const auto read = parsed<double>(*text);
        if (!read) return inconvertible(from, "an Double");
        to = *read;
    } else {
        return inconvertible(from, "an Double");
    }
    return {};
}

Result<void> decode_boolean(void* object, const Value& from) {
    auto& to = *static_cast<bool*>(object);
    if (const auto* flag = from.boolean()) {
        to = *flag;
        return {};
    }
    const auto* text = from.string();
    if (!text) return inconvertible(from, "an Boolean");
    std::string upper = *text;
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    to = upper == "TRUE";
    if (!to && upper != "FALSE")
        return mistyped(fmt::format("'{}' can not be converted to an Boolean", upper));
    return {};
}

Result<void> decode_blob(void* object, Value& from) {
    Bytes& to = static_cast<Blob*>(object)->bytes;
    if (Blob* blob = from.blob()) {
        to = std::move(blob->bytes);
        return {};
    }
    const auto* text = from.string();
    if (!text) return inconvertible(from, "a Blob");
    if (auto bytes = base64_decode(*text)) {
        to = *std::move(bytes);
        return {};
    }
    std::string reason = "Invalid last non-pad Base64 character dectected";  // sic
    const std::size_t padding = text->ends_with("==") ? 2 : text->ends_with('=') ? 1 : 0;
    const std::string_view body = std::string_view(*text).substr(0, text->size() - padding);
    auto outside = [](unsigned char c) { return !std::isalnum(c) && c != '+' && c != '/'; };
    if (text->size() % 4 != 0) {
        reason = fmt::format(
            "Base64 encoded length is expected a multiple of 4 bytes but found: {}", text->size());
    } else if (const auto bad = std::find_if(body.begin(), body.end(), outside);
               bad != body.end()) {
        reason = fmt::format("Invalid Base64 character: '{}'", *bad);
    }
    return mistyped(fmt::format("'{}' can not be converted to a Blob: {}", *text, reason));
}

Result<void> decode_timestamp(void* object, const Value& from) {
    auto& to = *static_cast<WallTime*>(object);
    double seconds = 0;
    if (const auto* number = from.integer()) {
        seconds = static_cast<double>(*number);
    } else if (const auto* real = from.real()) {
        seconds = *real;
    } else if (const auto* text = from.string()) {
        auto time = parse_iso8601(*text);
        if (!time) time = parse_http_date(*text);  // headers
        if (time) {
            to = *time;
            return {};
        }
        const auto read = parsed<double>(*text);
        if (!read) return inconvertible(from, "milliseconds since an epoch");
        seconds = *read;
    } else {
        return inconvertible(from, "milliseconds since an epoch");
    }
    if (std::isnan(seconds)) return inconvertible(from, "milliseconds since an epoch");
    to = from_epoch_ms(std::llround(std::clamp(seconds * 1000, epoch_ms_min, epoch_ms_max)));
    return {};
}

Result<void> decode_value(const Type& type, void* object, Value& from);

Result<void> decode_list(const Type& type, void* object, Value& from) {
    if (from.members()) return mistyped("Start of structure or map found where not expected.");
    if (!from.items()) return mistyped("Expected list or null");
    for (Value& item : *from.items()) {
        // A null structure is kept, empty, so that its required members are complained about under
        // the right number.
        const bool kept = !item.is_null() || type.element->kind == Kind::document ||
                          type.element->kind == Kind::structure;
        if (!kept) continue;
        void* element = type.push(object);
        if (item.is_null()) continue;
        MILL_CHECK(decode_value(*type.element, element, item));
    }
    return {};
}

Result<void> decode_map(const Type& type, void* object, Value& from) {
    if (from.items()) return mistyped("Start of list found where not expected");
    if (!from.members()) return mistyped("Expected map or null");
    for (auto& [key, value] : *from.members()) {
        if (value.is_null() && type.element->kind != Kind::document) continue;
        MILL_CHECK(decode_value(*type.element, type.insert(object, key), value));
    }
    return {};
}

Result<void> decode_value(const Type& type, void* object, Value& from) {
    switch (type.kind) {
        case Kind::string:
            return decode_string(object, from);
        case Kind::blob:
            return decode_blob(object, from);
        case Kind::boolean:
            return decode_boolean(object, from);
        case Kind::integer:
            return decode_integer(object, from);
        case Kind::real:
            return decode_real(object, from);
        case Kind::timestamp:
            return decode_timestamp(object, from);
        case Kind::document:
            *static_cast<Value*>(object) = std::move(from);
            return {};
        case Kind::structure:
            return decode(*type.structure(), object, from);
        case Kind::list:
            return decode_list(type, object, from);
        case Kind::map:
            return decode_map(type, object, from);
    }
    return {};
}

// Nothing is asked for: null, false, and whatever holds nothing else.
bool says_nothing(const Value& value) {
    if (const auto* items = value.items()) return std::ranges::all_of(*items, says_nothing);
    if (const auto* members = value.members())
        return std::ranges::all_of(*members, [](const auto& m) { return says_nothing(m.second); });
    if (const auto* text = value.string()) return text->empty() || *text == "false";
    if (const auto* flag = value.boolean()) return !*flag;
    return value.is_null();
}

// The value written as Member::harmless writes it.
bool is_harmless(const Member& member, const Value& value) {
    if (says_nothing(value)) return true;
    if (member.harmless.empty()) return false;
    const auto* text = value.string();
    return (text ? *text : write_json(value)) == member.harmless;
}

}  // namespace

Result<void> decode(const Structure& structure, void* object, Value& from) {
    if (from.is_null()) return {};
    if (from.items()) return mistyped("Start of list found where not expected");
    if (!from.members()) return mistyped("Expected null");
    for (const Member& member : structure.members) {
        Value* value = from.find(member.name);
        if (value == nullptr || value->is_null()) continue;
        if (member.is_refused()) {
            if (is_harmless(member, *value)) continue;
            return fail(
                std::string(unsupported_member),
                fmt::format("Millrace does not support {} yet. {}", member.name, member.refusal),
                400);
        }
        MILL_CHECK(decode_value(*member.type, member.emplace(object), *value));
    }
    return {};
}

}  // namespace mill::wire
