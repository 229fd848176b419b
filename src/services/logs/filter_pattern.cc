// SPDX-License-Identifier: Apache-2.0
#include "services/logs/filter_pattern.h"

#include <algorithm>

namespace mill::logs {
namespace {

Failure invalid(std::string message) {
    return fail("InvalidParameterException", std::move(message), 400);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_word(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// A phrase after its opening quote; `text` is left behind the closing one.
Result<std::string> take_phrase(std::string_view& text) {
    std::string phrase;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '"') return phrase;
        if (c == '\\' && !text.empty() && (text.front() == '"' || text.front() == '\\')) {
            phrase += text.front();
            text.remove_prefix(1);
        } else {
            phrase += c;
        }
    }
    return invalid("Invalid filter pattern");
}

Result<std::string> take_term(std::string_view& text) {
    if (text.empty()) return invalid("Invalid filter pattern");
    if (text.front() == '"') {
        text.remove_prefix(1);
        return take_phrase(text);
    }
    const auto end = std::ranges::find_if(text, is_blank);
    std::string term(text.begin(), end);
    text.remove_prefix(term.size());
    if (!std::ranges::all_of(term, is_word))
        return invalid("Invalid character(s) in term '" + term + "'");
    if (term.empty()) return invalid("Invalid filter pattern");
    return term;
}

}  // namespace

Result<FilterPattern> FilterPattern::parse(std::string_view text) {
    FilterPattern pattern;
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    if (text.starts_with('{') || text.starts_with('[') || text.starts_with('%')) {
        return invalid(
            "Invalid filter pattern: Millrace supports terms, \"quoted phrases\", ?any and "
            "-exclude; JSON, space-delimited "
            "and regular expression patterns are not supported yet.");
    }
    while (!text.empty()) {
        if (is_blank(text.front())) {
            text.remove_prefix(1);
            continue;
        }
        auto* terms = &pattern.all_;
        if (text.front() == '?') terms = &pattern.any_;
        if (text.front() == '-') terms = &pattern.none_;
        if (terms != &pattern.all_) text.remove_prefix(1);
        MILL_TRY(std::string term, take_term(text));
        if (term == " " && terms == &pattern.all_)
            continue;  // "matches everything", says the guide
        terms->push_back(std::move(term));
    }
    return pattern;
}

bool FilterPattern::matches(std::string_view message) const {
    const auto occurs = [message](const std::string& term) { return message.contains(term); };
    if (std::ranges::any_of(none_, occurs)) return false;
    if (!all_.empty()) return std::ranges::all_of(all_, occurs);
    return any_.empty() || std::ranges::any_of(any_, occurs);
}

}  // namespace mill::logs
