// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <algorithm>

namespace mill::cli {
namespace {

Failure unknown(std::string_view option, std::span<const OptionSpec> options) {
    std::string message = "unknown option " + std::string(option);
    const auto nearest =
        std::min_element(options.begin(), options.end(), [&](const auto& a, const auto& b) {
            return edit_distance(a.name, option) < edit_distance(b.name, option);
        });
    if (nearest != options.end() && edit_distance(nearest->name, option) <= 3) {
        message += "; did you mean " + std::string(nearest->name) + "?";
    }
    return fail("usage", message);
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

Result<Arguments> Arguments::parse(const std::vector<std::string>& words,
                                   std::span<const OptionSpec> options) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word.size() < 2 || word[0] != '-') {
            arguments.words_.push_back(word);
            continue;
        }
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const std::string name = word.substr(0, equals);
        const auto spec =
            std::find_if(options.begin(), options.end(), [&](const OptionSpec& option) {
                return option.name == name || option.short_name == name || option.negation == name;
            });
        if (spec == options.end()) return unknown(name, options);
        std::vector<std::string>& values = arguments.values_[std::string(spec->name)];
        if (!spec->takes_value) {
            if (equals != std::string::npos) return fail("usage", name + " takes no value");
            values.push_back(name == spec->negation ? "false" : "true");
        } else if (equals != std::string::npos) {
            values.push_back(word.substr(equals + 1));
        } else if (i + 1 < words.size()) {
            values.push_back(words[++i]);
            // Lists are written as further words: --capabilities A B.
            while (spec->takes_list && i + 1 < words.size() && !words[i + 1].starts_with('-'))
                values.push_back(words[++i]);
        } else {
            return fail("usage", name + " needs a value");
        }
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
