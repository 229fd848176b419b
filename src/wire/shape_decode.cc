// SPDX-License-Identifier: Apache-2.0
// Scalars into C++ objects, and Values. The texts of type errors are those that Kinesis gave when
// kinesalite recorded them, last in 2020.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/extend.h"
#include "wire/notation.h"
#include "wire/shape_decode.h"

namespace mill::wire {
namespace {

// Years 0 to 9999: what ISO 8601 can write, and far from where a double of seconds loses
// milliseconds.
constexpr double epoch_ms_min = -62167219200000.0, epoch_ms_max = 253402300799999.0;

using Found = Scalar::Found;

// The Java class that AWS names for a scalar.
std::string_view java_class(const Scalar& from) {
    switch (from.found) {
        case Found::boolean:
            return "java.lang.Boolean";
        case Found::integer:
        case Found::real:
            return "com.amazon.coral.value.json.numbers.TruncatingBigNumber";
        case Found::text:
            return "java.lang.String";
        case Found::bytes:
            return "java.nio.HeapByteBuffer";
        case Found::other:
            break;
    }
    return {};
}

Failure inconvertible(const Scalar& from, std::string_view to) {
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

Result<void> decode_string(const Type& type, void* object, const Scalar& from) {
    if (from.found != Found::text) return inconvertible(from, "an String");
    if (type.is_view) {
        type.set_view(object, from.text);
    } else if (from.owned) {
        *static_cast<std::string*>(object) = std::move(*from.owned);
    } else {
        static_cast<std::string*>(object)->assign(from.text);
    }
    return {};
}

Result<void> decode_integer(void* object, const Scalar& from) {
    auto& to = *static_cast<std::int64_t*>(object);
    if (from.found == Found::integer) {
        to = from.integer;
    } else if (from.found == Found::real) {
        to = truncated(from.real);
    } else if (from.is_number) {
        const auto read = parsed<std::int64_t>(from.text);
        if (!read) return inconvertible(from, "an Integer");
        to = *read;
    } else {
        return inconvertible(from, "an Integer");
    }
    return {};
}

// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
bool is_beyond_json(const Scalar& from) {
    return from.text == "NaN" || from.text == "Infinity" || from.text == "-Infinity";
}

Result<void> decode_real(void* object, const Scalar& from) {
    auto& to = *static_cast<double*>(object);
    if (from.found == Found::integer) {
        to = static_cast<double>(from.integer);
    } else if (from.found == Found::real) {
        to = from.real;
    } else if (from.is_number || is_beyond_json(from)) {
        const auto read = parsed<double>(from.text);
        if (!read) return inconvertible(from, "an Double");
        to = *read;
    } else {
        return inconvertible(from, "an Double");
    }
    return {};
}

// Texts are read as truth values in JSON too: these, in any case of letters.
constexpr std::string_view true_texts[] = {"TRUE", "YES", "Y", "T", "1"};
constexpr std::string_view false_texts[] = {"FALSE", "NO", "N", "F", "0"};

Result<void> decode_boolean(void* object, const Scalar& from) {
    auto& to = *static_cast<bool*>(object);
    if (from.found == Found::boolean) {
        to = from.boolean;
        return {};
    }
    if (from.found != Found::text) return inconvertible(from, "an Boolean");
    std::string upper(from.text);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    to = std::ranges::count(true_texts, upper) > 0;
    if (!to && std::ranges::count(false_texts, upper) == 0)
        return mistyped(fmt::format("'{}' can not be converted to an Boolean", upper));
    return {};
}

Failure no_base64(std::string_view text) {
    std::string reason = "Invalid last non-pad Base64 character dectected";  // sic
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::string_view body = text.substr(0, text.size() - padding);
    auto outside = [](unsigned char c) { return !std::isalnum(c) && c != '+' && c != '/'; };
    if (text.size() % 4 != 0) {
        reason = fmt::format(
            "Base64 encoded length is expected a multiple of 4 bytes but found: {}", text.size());
    } else if (const auto bad = std::find_if(body.begin(), body.end(), outside);
               bad != body.end()) {
        reason = fmt::format("Invalid Base64 character: '{}'", *bad);
    }
    return mistyped(fmt::format("'{}' can not be converted to a Blob: {}", text, reason));
}

Result<void> decode_blob(const Type& type, void* object, const Scalar& from) {
    if (from.found == Found::bytes) {
        if (type.is_view) {
            *static_cast<BlobView*>(object) = BlobView(from.text);
        } else {
            static_cast<Blob*>(object)->bytes = std::move(*from.owned);
        }
        return {};
    }
    if (from.found != Found::text) return inconvertible(from, "a Blob");
    const auto size = base64_check(from.text);
    if (!size) return no_base64(from.text);
    if (type.is_view) {
        *static_cast<BlobView*>(object) = BlobView::of_base64(from.text, *size);
    } else {
        Bytes& to = static_cast<Blob*>(object)->bytes;
        to.clear();
        base64_decode_to(from.text, extend(to, *size));
    }
    return {};
}

Result<void> decode_timestamp(void* object, const Scalar& from) {
    auto& to = *static_cast<WallTime*>(object);
    double seconds = 0;
    if (from.found == Found::integer) {
        seconds = static_cast<double>(from.integer);
    } else if (from.found == Found::real) {
        seconds = from.real;
    } else if (from.is_number) {
        auto time = parse_iso8601(from.text);
        if (!time) time = parse_http_date(from.text);  // headers
        if (time) {
            to = *time;
            return {};
        }
        const auto read = parsed<double>(from.text);
        if (!read) return inconvertible(from, "milliseconds since epoch");
        seconds = *read;
    } else {
        return inconvertible(from, "milliseconds since epoch");
    }
    if (std::isnan(seconds)) return inconvertible(from, "milliseconds since epoch");
    to = from_epoch_ms(std::llround(std::clamp(seconds * 1000, epoch_ms_min, epoch_ms_max)));
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

class ValueSource {
  public:
    ValueSource(Value& value, Notation notation) : value_(&value), notation_(notation) {}

    bool is_null() const { return value_->is_null(); }
    bool is_list() const { return value_->items() != nullptr; }
    bool is_map() const { return value_->members() != nullptr; }
    ValueSource as_text() const { return {*value_, Notation::text}; }
    Value take_value() const { return std::move(*value_); }
    Scalar scalar() const {
        if (const auto* flag = value_->boolean()) return {Found::boolean, *flag};
        if (const auto* number = value_->integer())
            return {.found = Found::integer, .integer = *number};
        if (const auto* number = value_->real()) return {.found = Found::real, .real = *number};
        if (auto* text = value_->string())
            return {.found = Found::text,
                    .is_number = notation_ == Notation::text,
                    .text = *text,
                    .owned = text};
        if (auto* blob = value_->blob())
            return {.found = Found::bytes, .text = blob->bytes, .owned = &blob->bytes};
        return {};
    }
    std::size_t item_count() const { return value_->items()->size(); }
    template <class Visit>
    Result<void> each_item(Visit visit) const {
        for (Value& item : *value_->items()) MILL_CHECK(visit(ValueSource(item, notation_)));
        return {};
    }
    template <class Visit>
    Result<void> each_member(Visit visit) const {
        for (auto& [key, value] : *value_->members())
            MILL_CHECK(visit(key, ValueSource(value, notation_)));
        return {};
    }

    class Members {
      public:
        explicit Members(ValueSource map) : map_(map.value_), notation_(map.notation_) {}
        std::optional<ValueSource> find(std::string_view name) const {
            Value* found = map_->find(name);
            if (!found) return std::nullopt;
            return ValueSource(*found, notation_);
        }

      private:
        Value* map_;
        Notation notation_;
    };

  private:
    Value* value_;
    Notation notation_;
};

}  // namespace

Failure mistyped(std::string message) {
    return fail("SerializationException", std::move(message), 400);
}

Result<void> decode_scalar(const Type& type, void* object, Scalar from) {
    switch (type.kind) {
        case Kind::string:
            return decode_string(type, object, from);
        case Kind::blob:
            return decode_blob(type, object, from);
        case Kind::boolean:
            return decode_boolean(object, from);
        case Kind::integer:
            return decode_integer(object, from);
        case Kind::real:
            return decode_real(object, from);
        case Kind::timestamp:
            return decode_timestamp(object, from);
        default:
            return {};
    }
}

// The value written as Member::harmless writes it.
bool is_harmless(const Member& member, const Value& value) {
    if (says_nothing(value)) return true;
    if (member.harmless.empty()) return false;
    const auto* text = value.string();
    return (text ? *text : write_json(value)) == member.harmless;
}

Failure refused_member(const Member& member) {
    if (!member.refusal_code.empty())
        return fail(std::string(member.refusal_code), member.refusal_text(), 400);
    return fail(
        std::string(unsupported_member),
        fmt::format("Millrace does not support {} yet. {}", member.name, member.refusal_text()),
        400);
}

std::string Member::refusal_text() const {
    std::string text(refusal);
    if (const std::size_t at = text.find("{}"); at != std::string::npos) text.replace(at, 2, name);
    return text;
}

Result<void> decode(const Structure& structure, void* object, Value& from, Notation notation) {
    if (notation == Notation::typed && !from.members() && !from.items()) return mistyped("");
    return decode_structure(structure, object, ValueSource(from, notation));
}

}  // namespace mill::wire
