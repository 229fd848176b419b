// SPDX-License-Identifier: Apache-2.0
#include "base/big_integers.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace mill {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Past the string that starts at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
}

bool is_big_integer(std::string_view token) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    return error == std::errc::result_out_of_range && end == token.data() + token.size();
}

}  // namespace

std::string mark_big_integers(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 64);
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (text[at] == '"') {
            end = after_string(text, at);
        } else if (is_digit(text[at]) || text[at] == '-') {
            end = text.find_first_not_of("0123456789.eE+-", at);
            end = std::min(end, text.size());
        }
        const std::string_view token = text.substr(at, end - at);
        out += token;
        if (is_big_integer(token)) out += "e0";
        at = end;
    }
    return out;
}

}  // namespace mill
