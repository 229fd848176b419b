// SPDX-License-Identifier: Apache-2.0
// Command-line arguments of one verb: options with and without values, and the words between them.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mill::cli {

// How many letters differ: for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);

struct OptionSpec {
    std::string_view name;             // "--stack-name"
    std::string_view short_name = {};  // "-n"
    bool takes_value = true;
    bool takes_list = true;          // the words that follow are values too
    std::string_view negation = {};  // "--no-tail": the flag's value is "false" then, else "true"
};

class Arguments {
  public:
    // "usage" errors name the option and the nearest known one. A value may follow as
    // "--name=value", "-nvalue" or as the next word(s); short flags may be one word: "-cp"; an
    // option given twice keeps all its values; what follows "--" are words.
    static Result<Arguments> parse(std::vector<std::string> words,
                                   std::span<const OptionSpec> options);
    static Result<Arguments> parse(std::vector<std::string> words,
                                   std::initializer_list<OptionSpec> options) {
        return parse(std::move(words), std::span(options.begin(), options.size()));
    }

    bool has(std::string_view option) const { return values_.contains(std::string(option)); }
    std::string get(std::string_view option, std::string fallback = {}) const;
    const std::vector<std::string>& all(std::string_view option) const;
    const std::vector<std::string>& words() const { return words_; }
    // As if they had not been given.
    void forget(std::initializer_list<std::string_view> options) {
        for (const std::string_view option : options) values_.erase(std::string(option));
    }

  private:
    std::map<std::string, std::vector<std::string>> values_;
    std::vector<std::string> words_;
};

}  // namespace mill::cli
