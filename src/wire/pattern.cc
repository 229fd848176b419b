// SPDX-License-Identifier: Apache-2.0
#include "wire/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace mill::wire {
namespace {

constexpr std::size_t compiled_max = 256;

// Java writes U+0020 as \u0020, RE2 as \x{0020}. All else is common to both.
std::string in_re2_words(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '\\' || i + 1 == pattern.size()) {
            out += pattern[i];
        } else if (pattern[i + 1] == 'u' && i + 6 <= pattern.size()) {
            out.append("\\x{").append(pattern.substr(i + 2, 4)).append("}");
            i += 5;
        } else {
            out.append(pattern.substr(i++, 2));
        }
    }
    return out;
}

// What most names are held to: one or more characters out of a class, "[a-zA-Z0-9_.-]+". Such a
// text is looked at here, in a tenth of the time that RE2 takes.
class CharacterClass {
  public:
    // Empty unless the pattern is one class of ASCII characters, without escapes, and a plus.
    static std::optional<CharacterClass> of(std::string_view pattern) {
        if (!pattern.starts_with('[') || !pattern.ends_with("]+")) return std::nullopt;
        const std::string_view inside = pattern.substr(1, pattern.size() - 3);
        if (inside.empty() || inside.find_first_of("^[]\\") != std::string_view::npos)
            return std::nullopt;
        CharacterClass made;
        for (std::size_t i = 0; i < inside.size(); ++i) {
            const auto first = static_cast<unsigned char>(inside[i]);
            const bool is_range = i + 2 < inside.size() && inside[i + 1] == '-';
            if (is_range) i += 2;
            const auto last = static_cast<unsigned char>(inside[i]);
            if (first > last || last >= 0x80) return std::nullopt;
            for (unsigned c = first; c <= last; ++c) made.has_[c] = true;
        }
        return made;
    }
    bool matches(std::string_view text) const {
        return !text.empty() && std::ranges::all_of(text, [this](char c) {
            return has_[static_cast<unsigned char>(c)];
        });
    }

  private:
    std::array<bool, 256> has_{};
};

struct Pattern {
    Pattern(std::string_view text, const RE2::Options& options)
        : expression(in_re2_words(text), options), simple(CharacterClass::of(text)) {}
    RE2 expression;
    std::optional<CharacterClass> simple;
};

// Compiling costs a hundred times a match, and most patterns are constants of the program. The
// cache only remembers what is a pure function of its key, is bounded, and belongs to one thread:
// it is not observable state.
const Pattern& compiled(std::string_view text) {
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    thread_local std::unordered_map<std::string, std::unique_ptr<Pattern>, Hash, std::equal_to<>>
        cache;
    if (const auto found = cache.find(text); found != cache.end()) return *found->second;
    if (cache.size() >= compiled_max) cache.clear();
    RE2::Options options;
    options.set_log_errors(false);
    return *(cache[std::string(text)] = std::make_unique<Pattern>(text, options));
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
    const Pattern& wanted = compiled(pattern);
    if (wanted.simple) return wanted.simple->matches(text);
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), wanted.expression);
}

bool pattern_occurs(std::string_view pattern, std::string_view text) {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()),
                             compiled(pattern).expression);
}

bool pattern_supported(std::string_view pattern) { return compiled(pattern).expression.ok(); }

}  // namespace mill::wire
