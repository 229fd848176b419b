// SPDX-License-Identifier: Apache-2.0
// A compiled pattern of EventBridge's grammar, as far as Lambda takes it: objects of fields, whose
// values are lists of what a value may be. Part of event_filter.h.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace mill::model {

// A value of a record. Texts are views.
using Scalar = std::variant<std::nullptr_t, bool, double, std::string_view>;

struct Prefix {
    std::string text;
};
struct Suffix {
    std::string text;
};
struct IgnoringCase {  // of ASCII letters
    std::string text;
};
// Every bound must hold. Numbers are compared as numbers: 300, 300.0 and 3e2 are equal.
struct Numeric {
    enum class Operator : std::uint8_t { equal, not_equal, less, at_most, greater, at_least };
    struct Bound {
        Operator is;
        double number;
    };
    std::vector<Bound> bounds;
};
struct Exists {
    bool wanted = true;
};
using Test = std::variant<std::nullptr_t, bool, double, std::string, Prefix, Suffix, IgnoringCase,
                          Numeric, Exists>;
struct Matcher {
    std::vector<Test> tests;    // one must hold ...
    bool anything_but = false;  // ... or none of them
};

class EventPattern {
  public:
    // The whole pattern of a filter. Error "filter", in words.
    static Result<EventPattern> compile(simdjson::dom::element pattern);

    // A record: its JSON document (absent if a pattern need not see it) and its other members:
    // plain ones, and those that have members themselves.
    struct Record {
        std::optional<Scalar> (*member)(const void* of, std::string_view name);
        const void* of;
        std::string_view document_name;  // "data", "body"
        const simdjson::dom::element* document;
        const simdjson::dom::element* around = nullptr;
    };
    bool matches(const Record& record) const;
    // Whether it wants members of what has that name.
    bool looks_into(std::string_view name) const;
    // Whether it compares what has that name as a whole.
    bool compares(std::string_view name) const;

  private:
    struct Field {
        std::string name;
        std::vector<Matcher> leaf;         // one of them must match; or
        std::vector<EventPattern> nested;  // the one for an object
    };
    static Result<EventPattern> compile_object(simdjson::dom::object object);
    static Result<void> compile_field(std::string_view name, simdjson::dom::element value,
                                      EventPattern& into);
    // Of an object, the objects in a list, or (nullptr) of what is not there.
    bool matches_element(const simdjson::dom::element* element) const;
    bool matches_fields(const simdjson::dom::element* object) const;

    std::vector<Field> fields_;                      // all must match
    std::vector<std::vector<EventPattern>> one_of_;  // and one of each "$or"
};

}  // namespace mill::model
