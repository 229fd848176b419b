// SPDX-License-Identifier: Apache-2.0
// What the three kinds of filter patterns have in common: reading one from front to back, values
// that are compared, conditions joined by && and ||. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/logs/filter_pattern.h"

namespace mill::logs {

Failure invalid_pattern();  // InvalidParameterException "Invalid filter pattern"

class PatternReader {
  public:
    explicit PatternReader(std::string_view text) : rest_(text) {}

    void skip_blanks();
    bool is_at_end() const { return rest_.empty(); }
    char next() const { return rest_.empty() ? '\0' : rest_.front(); }
    // Whether it goes on with that, after blanks; it is read then.
    bool take(std::string_view token);
    // The same for a word, behind which the word must end.
    bool take_word(std::string_view word);
    // Up to the first of these, or a blank.
    std::string_view take_until(std::string_view stops);
    std::string_view take_name();           // letters, digits, _ and -; may be empty
    Result<std::string> take_phrase();      // behind its opening quote, up to the closing one
    Result<std::string> take_expression();  // behind %, up to the next; two in a pattern

  private:
    std::string_view rest_;
    int expressions_ = 0;
};

// What a value is held against: = "text*", != %regular expression%, >= 4.5
class Comparison {
  public:
    // From the operator on. A text without quotes ends at a blank or at one of `stops`.
    static Result<Comparison> take(PatternReader& reader, std::string_view stops);
    // Of a line: orders hold for what is a number.
    bool holds_for_field(std::string_view text) const;
    // Of JSON: texts have no order, and a text in quotes is no number.
    bool holds_for_text(std::string_view text) const;
    bool holds_for_number(double number, std::string_view text) const;

  private:
    enum class Operator : std::uint8_t { equal, not_equal, less, not_greater, greater, not_less };
    Result<void> take_operand(PatternReader& reader, std::string_view stops);
    bool is_order() const { return operator_ > Operator::not_equal; }
    bool is_like(std::string_view text) const;
    bool compares(double number) const;

    Operator operator_ = Operator::equal;
    std::string text_;  // * stands for any text
    bool is_expression_ = false;
    bool is_quoted_ = false;
    std::optional<double> number_;  // of a text without quotes
};

template <class Subject>
using Condition = std::function<bool(const Subject&)>;
template <class Subject>
using TakeCondition = std::function<Result<Condition<Subject>>(PatternReader&)>;

// "a || b && (c || d)"; && binds more tightly. `take_one` reads what is between the operators.
template <class Subject>
Result<Condition<Subject>> take_conditions(PatternReader& reader,
                                           const TakeCondition<Subject>& take_one, int depth = 0) {
    constexpr int depth_max = 64;
    const auto take_factor = [&]() -> Result<Condition<Subject>> {
        if (!reader.take("(")) return take_one(reader);
        if (depth == depth_max) return invalid_pattern();
        MILL_TRY(auto inner, take_conditions<Subject>(reader, take_one, depth + 1));
        if (!reader.take(")")) return invalid_pattern();
        return inner;
    };
    std::vector<std::vector<Condition<Subject>>> any;  // of all
    do {
        auto& all = any.emplace_back();
        do {
            MILL_TRY(auto factor, take_factor());
            all.push_back(std::move(factor));
        } while (reader.take("&&"));
    } while (reader.take("||"));
    return Condition<Subject>([any = std::move(any)](const Subject& subject) {
        return std::ranges::any_of(any, [&](const auto& all) {
            return std::ranges::all_of(all, [&](const auto& factor) { return factor(subject); });
        });
    });
}

using MatcherPointer = std::shared_ptr<const FilterPattern::Matcher>;
Result<MatcherPointer> parse_json_pattern(std::string_view text);    // json_pattern.cc
Result<MatcherPointer> parse_fields_pattern(std::string_view text);  // fields_pattern.cc

}  // namespace mill::logs
