// SPDX-License-Identifier: Apache-2.0
// Reading is simdjson's; only what it does not tell (where a text is wrong) is found by our own
// scan, after a failure.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/big_integers.h"
#include "base/extend.h"
#include "wire/json_element.h"
#include "wire/json_scan.h"
#include "wire/notation.h"

namespace mill::wire {
namespace {

Value convert_object(simdjson::dom::object object) {
    Value::Map members;
    members.reserve(object.size());
    for (auto field : object) members.emplace_back(std::string(field.key), value_of(field.value));
    keep_last_of_equal_keys(members);
    return members;
}

Value convert_array(simdjson::dom::array array) {
    Value::List items;
    items.reserve(array.size());
    for (auto item : array) items.push_back(value_of(item));
    return items;
}

simdjson::error_code parse(std::string_view text, Value& value) {
    simdjson::dom::parser parser;
    if (auto error = parser.allocate(std::max<std::size_t>(text.size(), 64), depth_max))
        return error;
    simdjson::dom::element root;
    if (auto error = parser.parse(text.data(), text.size()).get(root)) return error;
    value = value_of(root);
    return simdjson::SUCCESS;
}

void append(const Value& value, int indent, int depth, std::string& out);

void new_line(int indent, int depth, std::string& out) {
    if (indent == 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent * depth), ' ');
}

void append_list(const Value::List& items, int indent, int depth, std::string& out) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        new_line(indent, depth + 1, out);
        append(items[i], indent, depth + 1, out);
    }
    if (!items.empty()) new_line(indent, depth, out);
    out += ']';
}

void append_map(const Value::Map& members, int indent, int depth, std::string& out) {
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0) out += ',';
        new_line(indent, depth + 1, out);
        append_json_string(members[i].first, out);
        out += indent == 0 ? ":" : ": ";
        append(members[i].second, indent, depth + 1, out);
    }
    if (!members.empty()) new_line(indent, depth, out);
    out += '}';
}

void append(const Value& value, int indent, int depth, std::string& out) {
    if (const auto* text = value.string()) return append_json_string(*text, out);
    if (const auto* map = value.members()) return append_map(*map, indent, depth, out);
    if (const auto* list = value.items()) return append_list(*list, indent, depth, out);
    if (const auto* number = value.integer()) return void(out += std::to_string(*number));
    if (const auto* number = value.real()) return append_json_number(*number, out);
    if (const auto* flag = value.boolean()) return void(out += *flag ? "true" : "false");
    if (const auto* blob = value.blob()) {
        out += '"';
        base64_append(blob->bytes, out);
        return void(out += '"');
    }
    out += "null";
}

// How many characters from the front on stand for themselves in a JSON string: printable ASCII
// but for quotes and backslashes. Eight at a time: in a word, a byte's high bit tells.
std::size_t plain_length(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    const auto zero_bytes = [](std::uint64_t word) { return (word - ones) & ~word & highs; };
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        const auto word = load_le<std::uint64_t>(text.data() + at);
        const std::uint64_t special = (word - ones * 0x20) | (word + ones) | word |
                                      zero_bytes(word ^ ones * '"') |
                                      zero_bytes(word ^ ones * '\\');
        // Borrows and carries may taint what lies above the first special byte, never below it.
        if ((special & highs) != 0)
            return at + static_cast<std::size_t>(std::countr_zero(special & highs)) / 8;
    }
    for (; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') break;
    }
    return at;
}

void append_escape(unsigned char c, std::string& out) {
    switch (c) {
        case '"':
            return void(out += "\\\"");
        case '\\':
            return void(out += "\\\\");
        case '\n':
            return void(out += "\\n");
        case '\r':
            return void(out += "\\r");
        case '\t':
            return void(out += "\\t");
        case '\b':
            return void(out += "\\b");
        case '\f':
            return void(out += "\\f");
        default:
            out += fmt::format("\\u{:04x}", c);
    }
}

}  // namespace

// The types have been asked for, so value_unsafe() is safe.
Value value_of(simdjson::dom::element element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
        case element_type::OBJECT:
            return convert_object(element.get_object().value_unsafe());
        case element_type::ARRAY:
            return convert_array(element.get_array().value_unsafe());
        case element_type::INT64:
            return element.get_int64().value_unsafe();
        case element_type::UINT64:
            return static_cast<double>(element.get_uint64().value_unsafe());
        case element_type::DOUBLE:
            return element.get_double().value_unsafe();
        case element_type::STRING:
            return std::string(element.get_string().value_unsafe());
        case element_type::BOOL:
            return element.get_bool().value_unsafe();
        case element_type::NULL_VALUE:
            break;
    }
    return {};
}

Result<Value> parse_json(std::string_view text) {
    Value value;
    auto error = parse(text, value);
    if (error == simdjson::NUMBER_ERROR) error = parse(mark_big_integers(text), value);
    if (error == simdjson::SUCCESS) return value;
    return fail("json", json_complaint(text, simdjson::error_message(error)));
}

std::string write_json(const Value& value) {
    std::string out;
    append(value, 0, 0, out);
    return out;
}

std::string write_json_pretty(const Value& value, int indent) {
    std::string out;
    append(value, indent, 0, out);
    return out;
}

void append_json_number(double value, std::string& out) {
    // JSON has no such numbers; the AWS protocols write these words.
    if (value != value) return void(out += "\"NaN\"");
    if (value - value != 0) return void(out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    out += number_text(value);
}

void append_json_string(std::string_view text, std::string& out) {
    std::size_t plain = plain_length(text);
    if (plain == text.size()) {
        char* to = extend(out, plain + 2);
        *to = '"';
        text.copy(to + 1, plain);
        to[plain + 1] = '"';
        return;
    }
    out += '"';
    for (; !text.empty(); plain = plain_length(text)) {
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const auto c = static_cast<unsigned char>(text.front());
        std::size_t length = 1;
        if (c >= 0x80) {
            length = utf8_length(text);
            out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
            length = std::max<std::size_t>(length, 1);
        } else {
            append_escape(c, out);
        }
        text.remove_prefix(length);
    }
    out += '"';
}

std::string ascii_json(std::string_view json) {
    std::string out;
    for (std::size_t at = 0; at < json.size();) {
        const auto lead = static_cast<unsigned char>(json[at++]);
        if (lead < 0x80) {
            out += static_cast<char>(lead);
            continue;
        }
        const std::size_t more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        std::uint32_t point = lead & (0x3Fu >> more);
        for (const std::size_t end = std::min(at + more, json.size()); at < end; ++at)
            point = point << 6 | (static_cast<unsigned char>(json[at]) & 0x3Fu);
        if (point < 0x10000) {
            out += fmt::format("\\u{:04x}", point);
        } else {  // a pair
            point -= 0x10000;
            out +=
                fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (point >> 10), 0xDC00 + (point & 0x3FF));
        }
    }
    return out;
}

}  // namespace mill::wire
