// SPDX-License-Identifier: Apache-2.0
#include "wire/pattern.h"

#include <re2/re2.h>

#include <cctype>
#include <memory>
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

// Compiling costs a hundred times a match, and patterns are constants of the program. The cache
// only remembers what is a pure function of its key, is bounded, and belongs to one thread: it is
// not observable state.
const RE2& compiled(std::string_view pattern) {
    thread_local std::unordered_map<std::string, std::unique_ptr<RE2>> cache;
    const std::string key(pattern);
    if (const auto found = cache.find(key); found != cache.end()) return *found->second;
    if (cache.size() >= compiled_max) cache.clear();
    RE2::Options options;
    options.set_log_errors(false);
    return *(cache[key] = std::make_unique<RE2>(in_re2_words(pattern), options));
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled(pattern));
}

bool pattern_supported(std::string_view pattern) { return compiled(pattern).ok(); }

}  // namespace mill::wire
