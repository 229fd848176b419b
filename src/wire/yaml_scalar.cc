// SPDX-License-Identifier: Apache-2.0
#include "wire/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace mill::wire {
namespace {

struct Word {
    std::string_view text;
    bool value;
};
constexpr Word boolean_words[] = {
    {"true", true}, {"True", true}, {"TRUE", true},   {"yes", true},    {"Yes", true},
    {"YES", true},  {"on", true},   {"On", true},     {"ON", true},     {"no", false},
    {"No", false},  {"NO", false},  {"false", false}, {"False", false}, {"FALSE", false},
    {"off", false}, {"Off", false}, {"OFF", false},
};
constexpr std::string_view null_words[] = {"", "~", "null", "Null", "NULL"};
constexpr std::string_view infinity_words[] = {".inf", ".Inf", ".INF"};
constexpr std::string_view nan_words[] = {".nan", ".NaN", ".NAN"};

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return text;
}

template <class Number, class... Base>
std::optional<Number> whole(std::string_view text, Base... base) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base...);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

std::optional<std::int64_t> integer(std::string_view text) {
    const std::string_view digits = without_sign(text);
    if (digits.starts_with("0x") && digits.size() > 2 && digits[2] != '-') {
        const auto magnitude = whole<std::int64_t>(digits.substr(2), 16);
        if (!magnitude) return std::nullopt;
        return text.starts_with('-') ? -*magnitude : *magnitude;
    }
    if (!all_digits(digits) || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    return whole<std::int64_t>(text.starts_with('+') ? digits : text);
}

std::optional<double> real(std::string_view text) {
    const std::string_view body = without_sign(text);
    const bool negative = text.starts_with('-');
    if (std::ranges::find(infinity_words, body) != std::end(infinity_words)) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        return negative ? -infinity : infinity;
    }
    if (std::ranges::find(nan_words, text) != std::end(nan_words))
        return std::numeric_limits<double>::quiet_NaN();
    // from_chars would take "inf" and "nan" too, which are words here
    const bool numeric = body.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
    const bool led =
        !body.empty() && body[0] != 'e' && body[0] != 'E' && body[0] != '-' && body[0] != '+';
    if (!numeric || !led || all_digits(body)) return std::nullopt;
    const auto magnitude = whole<double>(body);
    if (!magnitude) return std::nullopt;
    return negative ? -*magnitude : *magnitude;
}

}  // namespace

Value resolve_plain_scalar(std::string_view text) {
    if (std::ranges::find(null_words, text) != std::end(null_words)) return {};
    for (const Word& word : boolean_words) {
        if (word.text == text) return word.value;
    }
    if (const auto number = integer(text)) return *number;
    if (const auto number = real(text)) return *number;
    return text;
}

}  // namespace mill::wire
