// SPDX-License-Identifier: Apache-2.0
// "{ $.user.id = 1 && ($.items[*].sku = "A*" || $.error IS NULL) }". A message that is not JSON
// does not match, nor does a property that is not there, but for NOT EXISTS.
#include <charconv>
#include <span>

#include "services/logs/pattern_reader.h"
#include "wire/value.h"

namespace mill::logs {
namespace {

using wire::Value;

// One step down: a member, an item, or each of them.
struct Step {
    std::string name;
    std::optional<std::size_t> index;
    bool is_any = false;
};
using Selector = std::vector<Step>;

Result<Step> take_bracket(PatternReader& reader) {
    Step step;
    if (reader.take("*")) {
        step.is_any = true;
    } else if (reader.take("\"")) {
        MILL_TRY(step.name, reader.take_phrase());
    } else if (reader.take("'")) {
        step.name = reader.take_until("']");
        if (!reader.take("'")) return invalid_pattern();
    } else {
        const std::string_view digits = reader.take_name();
        std::size_t index = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (error != std::errc() || end != digits.data() + digits.size()) return invalid_pattern();
        step.index = index;
    }
    if (!reader.take("]")) return invalid_pattern();
    return step;
}

Result<Selector> take_selector(PatternReader& reader) {
    if (!reader.take("$")) return invalid_pattern();
    Selector selector;
    while (reader.next() == '.' || reader.next() == '[') {
        const bool is_dotted = reader.take(".");
        if (reader.next() == '[') {
            reader.take("[");
            MILL_TRY(Step step, take_bracket(reader));
            selector.push_back(std::move(step));
        } else if (is_dotted && reader.next() == '*') {
            reader.take("*");
            selector.push_back({.name = {}, .index = {}, .is_any = true});
        } else {
            const std::string_view name = reader.take_name();
            if (name.empty()) return invalid_pattern();
            selector.push_back({.name = std::string(name), .index = {}});
        }
    }
    if (selector.empty()) return invalid_pattern();
    return selector;
}

// Whether `holds` does for one of what the selector leads to.
bool any_of(const Value& value, std::span<const Step> selector,
            const std::function<bool(const Value&)>& holds) {
    if (selector.empty()) return holds(value);
    const Step& step = selector.front();
    const auto rest = selector.subspan(1);
    if (const Value::List* items = value.items()) {
        if (step.is_any)
            return std::ranges::any_of(
                *items, [&](const Value& item) { return any_of(item, rest, holds); });
        return step.index && *step.index < items->size() &&
               any_of((*items)[*step.index], rest, holds);
    }
    if (const Value::Map* members = value.members(); members && step.is_any) {
        return std::ranges::any_of(
            *members, [&](const auto& member) { return any_of(member.second, rest, holds); });
    }
    const Value* member = step.index ? nullptr : value.find(step.name);
    return member && any_of(*member, rest, holds);
}

bool holds(const Comparison& comparison, const Value& value) {
    if (const auto* text = value.string()) return comparison.holds_for_text(*text);
    if (const auto* integer = value.integer())
        return comparison.holds_for_number(static_cast<double>(*integer), wire::write_json(value));
    if (const auto* real = value.real())
        return comparison.holds_for_number(*real, wire::write_json(value));
    return value.boolean() && comparison.holds_for_text(wire::write_json(value));
}

// IS NULL, IS TRUE, IS FALSE, or a comparison.
Result<std::function<bool(const Value&)>> take_test(PatternReader& reader) {
    if (!reader.take_word("IS")) {
        MILL_TRY(Comparison comparison, Comparison::take(reader, ")&|}"));
        return [comparison = std::move(comparison)](const Value& value) {
            return holds(comparison, value);
        };
    }
    if (reader.take_word("NULL")) return [](const Value& value) { return value.is_null(); };
    const bool is_true = reader.take_word("TRUE");
    if (!is_true && !reader.take_word("FALSE")) return invalid_pattern();
    return [is_true](const Value& value) { return value.boolean() && *value.boolean() == is_true; };
}

Result<Condition<Value>> take_condition(PatternReader& reader) {
    MILL_TRY(Selector selector, take_selector(reader));
    if (reader.take_word("NOT")) {
        if (!reader.take_word("EXISTS")) return invalid_pattern();
        return [selector = std::move(selector)](const Value& document) {
            return !any_of(document, selector, [](const Value&) { return true; });
        };
    }
    MILL_TRY(auto test, take_test(reader));
    return [selector = std::move(selector), test = std::move(test)](const Value& document) {
        return any_of(document, selector, test);
    };
}

class JsonMatcher final : public FilterPattern::Matcher {
  public:
    explicit JsonMatcher(Condition<Value> condition) : condition_(std::move(condition)) {}
    bool matches(std::string_view message) const override {
        const std::size_t begin = message.find_first_not_of(" \t\r\n");
        if (begin == std::string_view::npos || (message[begin] != '{' && message[begin] != '['))
            return false;
        const auto document = wire::parse_json(message);
        return document && condition_(*document);
    }

  private:
    Condition<Value> condition_;
};

}  // namespace

Result<MatcherPointer> parse_json_pattern(std::string_view text) {
    PatternReader reader(text);
    if (!reader.take("{")) return invalid_pattern();
    MILL_TRY(auto condition, take_conditions<Value>(reader, take_condition));
    if (!reader.take("}")) return invalid_pattern();
    reader.skip_blanks();
    if (!reader.is_at_end()) return invalid_pattern();
    return std::make_shared<const JsonMatcher>(std::move(condition));
}

}  // namespace mill::logs
