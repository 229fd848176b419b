// SPDX-License-Identifier: Apache-2.0
// Value: what a request body, a template or a function's answer says, whatever it was written in.
// Maps keep their order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mill::wire {

struct Blob {  // bytes; base64 in JSON and Query, a byte string in CBOR
    Bytes bytes;
    bool operator==(const Blob&) const = default;
};

class Value {
  public:
    using List = std::vector<Value>;
    using Map = std::vector<std::pair<std::string, Value>>;

    Value() = default;  // null
    Value(std::nullptr_t) {}
    Value(bool v) : data_(v) {}
    Value(int v) : data_(static_cast<std::int64_t>(v)) {}
    Value(std::int64_t v) : data_(v) {}
    Value(std::size_t v) : data_(static_cast<std::int64_t>(v)) {}
    Value(double v) : data_(v) {}
    Value(const char* v) : data_(std::string(v)) {}
    Value(std::string_view v) : data_(std::string(v)) {}
    Value(std::string v) : data_(std::move(v)) {}
    Value(Blob v) : data_(std::move(v)) {}
    Value(List v) : data_(std::move(v)) {}
    Value(Map v) : data_(std::move(v)) {}
    static Value list() { return Value(List{}); }
    static Value map() { return Value(Map{}); }

    bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    // nullptr if it is of another kind.
    const bool* boolean() const { return std::get_if<bool>(&data_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }
    const double* real() const { return std::get_if<double>(&data_); }
    const std::string* string() const { return std::get_if<std::string>(&data_); }
    std::string* string() { return std::get_if<std::string>(&data_); }
    const Blob* blob() const { return std::get_if<Blob>(&data_); }
    Blob* blob() { return std::get_if<Blob>(&data_); }
    const List* items() const { return std::get_if<List>(&data_); }
    List* items() { return std::get_if<List>(&data_); }
    const Map* members() const { return std::get_if<Map>(&data_); }
    Map* members() { return std::get_if<Map>(&data_); }

    // A member of a map by name; nullptr if absent or not a map. `find` does not turn null into
    // absent.
    const Value* find(std::string_view name) const;
    Value* find(std::string_view name);
    // The member, made (null) if absent; a null Value becomes a map first.
    Value& operator[](std::string_view name);
    bool erase(std::string_view name);
    void push_back(Value item);  // a null Value becomes a list first

    bool operator==(const Value&) const = default;

  private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Blob, List, Map> data_;
};

// Shorthands for reading documents: the text of a string member, or the fallback.
std::string text_of(const Value& map, std::string_view name, std::string fallback = {});
const Value::List& list_of(const Value& map, std::string_view name);  // empty if it is no list

// JSON (RFC 8259). Integers that fit become integers, other numbers doubles. Depth is bounded at
// 128. Error code "json" with a place in the message.
Result<Value> parse_json(std::string_view text);
std::string write_json(const Value& value);  // compact
std::string write_json_pretty(const Value& value, int indent = 2);
void append_json_string(std::string_view text,
                        std::string& out);  // with quotes; invalid UTF-8 becomes U+FFFD
// JSON of valid UTF-8 with what is beyond ASCII as escapes: as Python's json.dumps() writes it.
std::string ascii_json(std::string_view json);

// YAML 1.1 as CloudFormation templates use it: short tags (!Ref, !GetAtt a.b, !Sub ...) become
// {"Ref": ...},
// {"Fn::GetAtt": [...]} ... ; plain scalars become null, boolean, number or string; anchors and
// merge keys work. Error code "yaml": "(line n, column m)" one-based in the message.
Result<Value> parse_yaml(std::string_view text);
// A template in either notation: JSON if the first non-blank character is '{'.
Result<Value> parse_template(std::string_view text);
std::string write_yaml(const Value& value);

}  // namespace mill::wire
