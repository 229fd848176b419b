// SPDX-License-Identifier: Apache-2.0
// The options of the sam verbs: declared once, used by parsing, help and completion. Their values
// come from the command line, else from samconfig.toml.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/sam_config.h"
#include "cli/session.h"

namespace mill::cli {

struct SamOption {
    // `list`: the words that follow are its values too; `repeated`: it may be given again.
    enum class Kind { value, repeated, list, flag };
    std::string_view name;
    Kind kind = Kind::value;
    std::string_view help;
    // Why Millrace does not take what SAM CLI takes, and what to do instead; empty: it does.
    std::string_view refusal = {};
    std::string_view negation = {};  // of a flag: "--no-confirm-changeset"
};

// One verb's options: the command line over samconfig.toml.
struct SamOptions {
    Arguments arguments;
    SamConfig config;
    std::string directory = ".";  // where the project lies

    std::string get(const std::string& option, const std::string& fallback = {}) const;
    // Of a list option: the words of the command line, or the item or items of samconfig.toml.
    std::vector<std::string> raw(const std::string& option) const;
    std::vector<std::string> all(const std::string& option) const;  // raw, split at blanks
    bool has(const std::string& option) const;
    bool flag(const std::string& option) const { return get(option) == "true"; }
    std::string config_file() const { return arguments.get("--config-file", "samconfig.toml"); }
    std::string config_env() const { return arguments.get("--config-env", "default"); }
};

// How a verb names its options: "--tail/-t" gives it a short name.
using OptionNames = std::vector<std::string_view>;

// Options that every verb takes.
const OptionNames& common_sam_options();
// Nothing if there is no such option.
const SamOption* find_sam_option(std::string_view name);

// Parses the words after the verb. `section` is that of samconfig.toml, "local_invoke". "usage" for
// what is wrong, in SAM CLI's words; a refused option gives its refusal. Saves them with
// --save-params.
Result<SamOptions> read_sam_options(Session& session, const OptionNames& names,
                                    const std::string& section, std::vector<std::string> words);

// The lines of a help text for these options.
std::string describe_sam_options(const OptionNames& names);

// "--stack-name" -> "stack_name"
std::string config_key(std::string_view option);

using Pairs = std::vector<std::pair<std::string, std::string>>;

// --parameter-overrides in each of its forms: Name=Value, quoted or not, several in one word;
// ParameterKey=Name,ParameterValue=Value; file://NAME.yaml or .json, of a map or a list, with
// "$include". The last value of a name counts.
Result<Pairs> parameter_overrides(machine::Files& files, const SamOptions& options);
// --tags, --metadata and the like: Name=Value, quoted or not, at blanks or at `separator`.
Result<Pairs> key_values(const SamOptions& options, const std::string& option, char separator);

}  // namespace mill::cli
