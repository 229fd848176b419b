// SPDX-License-Identifier: Apache-2.0
#include "wire/notation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace mill::wire {

namespace {

// Small maps are the rule: comparing in place costs less than sorting them.
bool surely_distinct(const Value::Map& members) {
    if (members.size() > 8) return false;
    for (std::size_t i = 1; i < members.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (members[i].first == members[k].first) return false;
        }
    }
    return true;
}

}  // namespace

void keep_last_of_equal_keys(Value::Map& members) {
    if (surely_distinct(members)) return;
    std::vector<std::size_t> order(members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::tie(members[a].first, a) < std::tie(members[b].first, b);
    });
    std::vector<bool> drop(members.size(), false);
    bool any = false;
    for (std::size_t first = 0; first < order.size();) {
        std::size_t next = first + 1;
        while (next < order.size() && members[order[next]].first == members[order[first]].first) {
            drop[order[next++]] = any = true;
        }
        if (next - first > 1)
            members[order[first]].second = std::move(members[order[next - 1]].second);
        first = next;
    }
    if (!any) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (drop[i]) continue;
        if (kept != i) members[kept] = std::move(members[i]);
        ++kept;
    }
    members.resize(kept);
}

std::size_t utf8_length(std::string_view text) {
    if (text.empty()) return 0;
    auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(0), second = byte(1);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        // neither longer than needed nor a surrogate
        const bool allowed = lead == 0xE0 ? second >= 0xA0 : lead != 0xED || second < 0xA0;
        return allowed && follows(1) && follows(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool allowed = lead == 0xF0 ? second >= 0x90 : lead != 0xF4 || second < 0x90;
        return allowed && follows(1) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

std::size_t utf8_count(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        text.remove_prefix(std::max<std::size_t>(utf8_length(text), 1));
        ++count;
    }
    return count;
}

std::string number_text(double value) {
    std::string text = fmt::format("{}", value);
    if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::string_view form = "www, dd mmm yyyy hh:mm:ss GMT";
    if (text.size() != form.size() || !text.ends_with(" GMT")) return std::nullopt;
    const std::size_t month = months.find(text.substr(8, 3));
    if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
    return parse_iso8601(fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month / 3 + 1,
                                     text.substr(5, 2), text.substr(17, 8)));
}

}  // namespace mill::wire
