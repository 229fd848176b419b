// SPDX-License-Identifier: Apache-2.0
// Small pieces that the notations (JSON, YAML, XML) share. Internal to wire/.
#pragma once

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/time.h"
#include "wire/value.h"

namespace mill::wire {

// A parsed document nests at most this deep: walks over documents recurse.
constexpr std::size_t depth_max = 128;

// Small maps are the rule: comparing in place costs less than sorting them.
template <class Members>
bool surely_distinct(const Members& members) {
    if (members.size() > 8) return false;
    for (std::size_t i = 1; i < members.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (members[i].first == members[k].first) return false;
        }
    }
    return true;
}

// Of members with the same name only the last value stays, in the first one's place. `members`: a
// vector of pairs.
template <class Members>
void keep_last_of_equal_keys(Members& members) {
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

// The length in bytes of the UTF-8 character at the front of `text`; 0 if it is not valid there.
std::size_t utf8_length(std::string_view text);
// Characters of a text; an invalid byte counts as one.
std::size_t utf8_count(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT", as headers carry times. RFC 9110, 5.6.7; the obsolete forms are
// not read.
std::optional<WallTime> parse_http_date(std::string_view text);

// The shortest decimal that reads back as the same double, always recognisable as one ("1.0").
std::string number_text(double value);

}  // namespace mill::wire
