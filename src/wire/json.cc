// SPDX-License-Identifier: Apache-2.0
// Reading is simdjson's; only what it does not tell (where a text is wrong) is found by our own
// scan, after a failure.
#include <simdjson.h>

#include <fmt/format.h>

#include "wire/json_scan.h"
#include "wire/notation.h"

namespace mill::wire {
namespace {

Value convert(simdjson::dom::element element);

Value convert_object(simdjson::dom::object object) {
    Value::Map members;
    members.reserve(object.size());
    for (auto field : object) members.emplace_back(std::string(field.key), convert(field.value));
    keep_last_of_equal_keys(members);
    return members;
}

Value convert_array(simdjson::dom::array array) {
    Value::List items;
    items.reserve(array.size());
    for (auto item : array) items.push_back(convert(item));
    return items;
}

// The types have been asked for, so value_unsafe() is safe.
Value convert(simdjson::dom::element element) {
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

simdjson::error_code parse(std::string_view text, Value& value) {
    simdjson::dom::parser parser;
    if (auto error = parser.allocate(std::max<std::size_t>(text.size(), 64), depth_max))
        return error;
    simdjson::dom::element root;
    if (auto error = parser.parse(text.data(), text.size()).get(root)) return error;
    value = convert(root);
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

}  // namespace

Result<Value> parse_json(std::string_view text) {
    Value value;
    auto error = parse(text, value);
    // simdjson refuses integers beyond 64 bits; marked as doubles they are read. Rare, hence only
    // after a failure.
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
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x80) {
            const std::size_t length = utf8_length(text.substr(i));
            out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(i, length);
            i += std::max<std::size_t>(length, 1);
            continue;
        }
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            default:
                if (c < 0x20 || c == 0x7f) {
                    out += fmt::format("\\u{:04x}", c);
                } else {
                    out += static_cast<char>(c);
                }
        }
        ++i;
    }
    out += '"';
}

}  // namespace mill::wire
