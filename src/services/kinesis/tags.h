// SPDX-License-Identifier: Apache-2.0
// The rules of tags, for streams and consumers. Texts from kinesalite, which has them from AWS.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "model/limits.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {

// Unicode letters, digits, white space, _ . / = + - % @ and colon; what is not ASCII is taken as a
// letter.
inline bool is_tag_text(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) {
        return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z') ||
               std::string_view(" _./=+-%@:").contains(static_cast<char>(c));
    });
}

// Adds `tags` to those of `what`: "stream orders under account 000000000000".
inline Result<void> merge_tags(std::map<std::string, std::string>& into,
                               const std::map<std::string, std::string>& tags,
                               const std::string& what) {
    const bool is_text = std::ranges::all_of(
        tags, [](const auto& tag) { return is_tag_text(tag.first) && is_tag_text(tag.second); });
    if (!is_text) {
        return invalid_argument(
            "Some tags contain invalid characters. Valid characters: Unicode letters, digits, "
            "white space, _ . / = + - % @.");
    }
    for (const auto& [key, value] : tags) into.insert_or_assign(key, value);
    if (into.size() <= static_cast<std::size_t>(limits::kinesis::tags_max)) return {};
    return invalid_argument(
        fmt::format("Failed to add tags to {} because a given {} cannot have more than {} tags "
                    "associated with it.",
                    what, what.substr(0, what.find(' ')), limits::kinesis::tags_max));
}

inline Result<void> merge_tags(StreamRow& row, const std::map<std::string, std::string>& tags) {
    return merge_tags(row.tags, tags, "stream " + row.name + " under account " + row.account);
}
inline Result<void> merge_tags(ConsumerRow& row, const std::map<std::string, std::string>& tags) {
    return merge_tags(row.tags, tags, "consumer " + row.name);
}

}  // namespace mill::kinesis
