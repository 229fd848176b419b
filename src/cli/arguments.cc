// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <algorithm>

namespace mill::cli {
namespace {

constexpr std::size_t edits_max = 3;

// In the words of Click, which SAM CLI is made with.
Failure unknown(std::string_view option, std::span<const OptionSpec> options) {
    std::string message = "No such option: " + std::string(option);
    std::string_view nearest;
    std::size_t edits = edits_max + 1;
    for (const OptionSpec& spec : options) {
        for (const std::string_view name : {spec.name, spec.negation}) {
            const std::size_t distance = edit_distance(name, option);
            if (name.empty() || distance >= edits) continue;
            nearest = name;
            edits = distance;
        }
    }
    if (!nearest.empty() && option.starts_with("--"))
        message += " Did you mean " + std::string(nearest) + "?";
    return fail("usage", message);
}

bool is_short(std::string_view word) { return word.size() > 2 && word[0] == '-' && word[1] != '-'; }

const OptionSpec* find(std::span<const OptionSpec> options, std::string_view name) {
    const auto found = std::ranges::find_if(options, [&](const OptionSpec& option) {
        return option.name == name || option.short_name == name || option.negation == name;
    });
    return found == options.end() ? nullptr : &*found;
}

// "-gt file" -> "-g", "-t", "file"; "-tfile" -> "-t", "file".
Result<std::vector<std::string>> split_short(const std::string& word,
                                             std::span<const OptionSpec> options) {
    std::vector<std::string> parts;
    for (std::size_t i = 1; i < word.size(); ++i) {
        parts.push_back(std::string("-") + word[i]);
        const OptionSpec* spec = find(options, parts.back());
        if (!spec) return unknown(parts.back(), options);
        if (!spec->takes_value) continue;
        if (i + 1 < word.size()) parts.push_back(word.substr(i + 1));
        break;
    }
    return parts;
}

}  // namespace

// Levenshtein's.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row.back();
}

Result<Arguments> Arguments::parse(std::vector<std::string> words,
                                   std::span<const OptionSpec> options) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--") {
            while (++i < words.size()) arguments.words_.push_back(words[i]);
            break;
        }
        if (words[i].size() < 2 || words[i][0] != '-') {
            arguments.words_.push_back(words[i]);
            continue;
        }
        if (is_short(words[i])) {
            MILL_TRY(const auto parts, split_short(words[i], options));
            const auto place = words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
            words.insert(place, parts.begin(), parts.end());
        }
        const std::string word = words[i];
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const std::string name = word.substr(0, equals);
        const OptionSpec* spec = find(options, name);
        if (!spec) return unknown(name, options);
        std::vector<std::string>& values = arguments.values_[std::string(spec->name)];
        if (!spec->takes_value) {
            if (equals != std::string::npos)
                return fail("usage", "Option '" + name + "' does not take a value.");
            values.push_back(name == spec->negation ? "false" : "true");
        } else if (equals != std::string::npos) {
            values.push_back(word.substr(equals + 1));
        } else if (i + 1 < words.size()) {
            values.push_back(words[++i]);
        } else {
            return fail("usage", "Option '" + name + "' requires an argument.");
        }
        // Lists are written as further words: --capabilities A B.
        while (spec->takes_value && spec->takes_list && i + 1 < words.size() &&
               !words[i + 1].starts_with('-'))
            values.push_back(words[++i]);
    }
    return arguments;
}

std::string Arguments::get(std::string_view option, std::string fallback) const {
    const auto found = values_.find(std::string(option));
    return found == values_.end() || found->second.empty() ? fallback : found->second.back();
}

const std::vector<std::string>& Arguments::all(std::string_view option) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(std::string(option));
    return found == values_.end() ? none : found->second;
}

}  // namespace mill::cli
