// SPDX-License-Identifier: Apache-2.0
#include "services/logs/pattern_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "wire/pattern.h"

namespace mill::logs {
namespace {

constexpr int expressions_max = 2;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_name(char c) {
    return c == '_' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// * stands for any text, also none.
bool is_like_wild(std::string_view text, std::string_view wild) {
    std::size_t at = 0, in_wild = 0;
    std::size_t star = std::string_view::npos, after_star = 0;
    while (at < text.size()) {
        if (in_wild < wild.size() && wild[in_wild] == '*') {
            star = in_wild++;
            after_star = at;
        } else if (in_wild < wild.size() && wild[in_wild] == text[at]) {
            ++in_wild;
            ++at;
        } else if (star != std::string_view::npos) {
            in_wild = star + 1;
            at = ++after_star;
        } else {
            return false;
        }
    }
    return wild.substr(in_wild).find_first_not_of('*') == std::string_view::npos;
}

std::optional<double> number_of(std::string_view text) {
    double number = 0;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

Failure invalid_pattern() {
    return fail("InvalidParameterException", "Invalid filter pattern", 400);
}

void PatternReader::skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
}

bool PatternReader::take(std::string_view token) {
    skip_blanks();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
}

bool PatternReader::take_word(std::string_view word) {
    skip_blanks();
    if (!rest_.starts_with(word)) return false;
    if (word.size() < rest_.size() && is_name(rest_[word.size()])) return false;
    rest_.remove_prefix(word.size());
    return true;
}

std::string_view PatternReader::take_until(std::string_view stops) {
    const auto end =
        std::ranges::find_if(rest_, [stops](char c) { return is_blank(c) || stops.contains(c); });
    const std::string_view taken(rest_.begin(), end);
    rest_.remove_prefix(taken.size());
    return taken;
}

std::string_view PatternReader::take_name() {
    const std::string_view name(rest_.begin(), std::ranges::find_if_not(rest_, is_name));
    rest_.remove_prefix(name.size());
    return name;
}

Result<std::string> PatternReader::take_phrase() {
    std::string phrase;
    while (!rest_.empty()) {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '"') return phrase;
        if (c == '\\' && !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\\')) {
            phrase += rest_.front();
            rest_.remove_prefix(1);
        } else {
            phrase += c;
        }
    }
    return invalid_pattern();
}

Result<std::string> PatternReader::take_expression() {
    const std::size_t end = rest_.find('%');
    if (end == std::string_view::npos || end == 0) return invalid_pattern();
    std::string expression(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    if (++expressions_ > expressions_max || !wire::pattern_supported(expression))
        return invalid_pattern();
    return expression;
}

Result<Comparison> Comparison::take(PatternReader& reader, std::string_view stops) {
    constexpr std::array<std::pair<std::string_view, Operator>, 6> operators = {{
        {"!=", Operator::not_equal},
        {"<=", Operator::not_greater},
        {">=", Operator::not_less},
        {"=", Operator::equal},
        {"<", Operator::less},
        {">", Operator::greater},
    }};
    const auto found = std::ranges::find_if(
        operators, [&](const auto& candidate) { return reader.take(candidate.first); });
    if (found == operators.end()) return invalid_pattern();
    Comparison made;
    made.operator_ = found->second;
    MILL_CHECK(made.take_operand(reader, stops));
    if (made.is_order() && !made.number_) return invalid_pattern();
    return made;
}

Result<void> Comparison::take_operand(PatternReader& reader, std::string_view stops) {
    if (reader.take("\"")) {
        is_quoted_ = true;
        MILL_TRY(text_, reader.take_phrase());
        return {};
    }
    if (reader.take("%")) {
        is_expression_ = true;
        MILL_TRY(text_, reader.take_expression());
        return {};
    }
    text_ = reader.take_until(stops);
    if (text_.empty()) return invalid_pattern();
    number_ = number_of(text_);
    return {};
}

bool Comparison::is_like(std::string_view text) const {
    return is_expression_ ? wire::pattern_occurs(text_, text) : is_like_wild(text, text_);
}

bool Comparison::holds_for_field(std::string_view text) const {
    if (!is_order()) return holds_for_text(text);
    const auto number = number_of(text);
    return number && compares(*number);
}

bool Comparison::holds_for_text(std::string_view text) const {
    return !is_order() && is_like(text) == (operator_ == Operator::equal);
}

bool Comparison::holds_for_number(double number, std::string_view text) const {
    if (number_) return compares(number);
    return (!is_quoted_ && is_like(text)) == (operator_ == Operator::equal);
}

bool Comparison::compares(double number) const {
    const double other = number_.value_or(0);
    switch (operator_) {
        case Operator::equal:
            return number == other;
        case Operator::not_equal:
            return number != other;
        case Operator::less:
            return number < other;
        case Operator::not_greater:
            return number <= other;
        case Operator::greater:
            return number > other;
        case Operator::not_less:
            return number >= other;
    }
    return false;
}

}  // namespace mill::logs
