// SPDX-License-Identifier: Apache-2.0
#include "wire/notation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mill::wire {

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
        constexpr std::uint64_t highs = 0x8080808080808080;
        if (text.size() >= 8 && (load_le<std::uint64_t>(text.data()) & highs) == 0) {
            text.remove_prefix(8);
            count += 8;
            continue;
        }
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
