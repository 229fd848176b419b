// SPDX-License-Identifier: Apache-2.0
#include "cli/human_time.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace mill::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds minute{60'000};
constexpr milliseconds hour{3'600'000};
constexpr milliseconds day{86'400'000};

struct Unit {
    std::string_view name;
    milliseconds length;
};
constexpr std::array units = {Unit{"s", milliseconds(1000)},
                              Unit{"sec", milliseconds(1000)},
                              Unit{"second", milliseconds(1000)},
                              Unit{"m", minute},
                              Unit{"min", minute},
                              Unit{"minute", minute},
                              Unit{"h", hour},
                              Unit{"hr", hour},
                              Unit{"hour", hour},
                              Unit{"d", day},
                              Unit{"day", day},
                              Unit{"w", 7 * day},
                              Unit{"week", 7 * day},
                              Unit{"month", 30 * day},
                              Unit{"year", 365 * day}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Numbers and words, each by itself: "10min ago" -> 10, min, ago.
std::vector<std::string> tokens_of(std::string_view text) {
    std::vector<std::string> tokens;
    bool is_new = true;
    for (const char raw : text) {
        const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(raw)));
        if (c == ' ' || c == ',') {
            is_new = true;
            continue;
        }
        if (is_new || is_digit(c) != is_digit(tokens.back().back())) tokens.emplace_back();
        is_new = false;
        tokens.back() += c;
    }
    return tokens;
}

std::optional<milliseconds> unit_of(std::string_view word) {
    if (word.size() > 2 && word.ends_with('s')) word.remove_suffix(1);
    const auto found = std::ranges::find(units, word, &Unit::name);
    if (found == units.end()) return std::nullopt;
    return found->length;
}

// "10 min 30 s"; nothing if it is something else.
std::optional<milliseconds> length_of(const std::vector<std::string>& tokens) {
    if (tokens.empty() || tokens.size() % 2 != 0) return std::nullopt;
    milliseconds length{0};
    for (std::size_t i = 0; i < tokens.size(); i += 2) {
        const bool is_one = tokens[i] == "a" || tokens[i] == "an";
        if (!is_one && (!is_digit(tokens[i].front()) || tokens[i].size() > 9)) return std::nullopt;
        const auto unit = unit_of(tokens[i + 1]);
        if (!unit) return std::nullopt;
        length += (is_one ? 1 : std::stoll(tokens[i])) * *unit;
    }
    return length;
}

std::optional<WallTime> by_number(std::string_view text) {
    if (!std::ranges::all_of(text, is_digit)) return std::nullopt;
    if (text.size() == 10) return from_epoch_ms(std::stoll(std::string(text)) * 1000);
    if (text.size() == 13) return from_epoch_ms(std::stoll(std::string(text)));
    return std::nullopt;
}

}  // namespace

std::optional<WallTime> parse_human_time(std::string_view text, WallTime now) {
    if (const auto time = by_number(text)) return time;
    std::vector<std::string> tokens = tokens_of(text);
    if (tokens.empty()) return std::nullopt;
    if (tokens.size() == 1) {
        if (tokens[0] == "now" || tokens[0] == "today") return now;
        if (tokens[0] == "yesterday") return now - day;
        if (tokens[0] == "tomorrow") return now + day;
    }
    if (tokens.back() == "ago") {
        tokens.pop_back();
        const auto length = length_of(tokens);
        return length ? std::optional(now - *length) : std::nullopt;
    }
    if (tokens.front() == "in") {
        tokens.erase(tokens.begin());
        const auto length = length_of(tokens);
        return length ? std::optional(now + *length) : std::nullopt;
    }
    std::string iso(text);
    if (const std::size_t blank = iso.find(' '); blank == 10) iso[blank] = 'T';
    return parse_iso8601(iso);
}

}  // namespace mill::cli
