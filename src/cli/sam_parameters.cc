// SPDX-License-Identifier: Apache-2.0
// --parameter-overrides, --tags and other options that hold names with values.
#include <algorithm>
#include <set>

#include "cli/sam_options.h"
#include "wire/value.h"

namespace mill::cli {
namespace {

constexpr std::size_t include_depth_max = 16;

void put(Pairs& pairs, std::string name, std::string value) {
    const auto found = std::ranges::find(pairs, name, &Pairs::value_type::first);
    if (found == pairs.end()) {
        pairs.emplace_back(std::move(name), std::move(value));
    } else {
        found->second = std::move(value);
    }
}

// The words of a text: at `separator`, but not within quotes or behind a backslash. Quotes around a
// value and backslashes before blanks and quotes are not part of it.
std::vector<std::string> words_of(std::string_view text, char separator) {
    std::vector<std::string> words(1);
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool is_escaped =
            c == '\\' && at + 1 < text.size() &&
            (text[at + 1] == ' ' || text[at + 1] == '"' || text[at + 1] == '\'');
        if (is_escaped) {
            words.back() += text[++at];
        } else if (quote == 0 && c == separator) {
            words.emplace_back();
        } else if (c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'') &&
                   (words.back().empty() || words.back().ends_with('='))) {
            quote = c;
        } else {
            words.back() += c;
        }
    }
    std::erase_if(words, [](const std::string& word) { return word.empty(); });
    return words;
}

class Overrides {
  public:
    explicit Overrides(machine::Files& files) : files_(files) {}
    Result<void> take_text(const std::string& text, const std::string& directory);
    Pairs pairs;

  private:
    Result<void> take_file(const std::string& name, const std::string& directory);
    Result<void> take_value(const wire::Value& value, const std::string& directory);
    Result<void> take_map(const wire::Value::Map& map, const std::string& directory);

    machine::Files& files_;
    std::set<std::string> open_;  // files that are being read
};

std::string scalar_text(const wire::Value& value) {
    if (value.string()) return *value.string();
    if (value.boolean()) return *value.boolean() ? "True" : "False";  // as Python says it
    return value.is_null() ? std::string() : wire::write_json(value);
}

Result<void> Overrides::take_map(const wire::Value::Map& map, const std::string& directory) {
    for (const auto& [name, value] : map) {
        if (name == "$include") {
            MILL_CHECK(take_value(value, directory));
        } else if (const wire::Value::List* items = value.items()) {
            std::string joined;
            for (const wire::Value& item : *items) {
                if (const std::string text = scalar_text(item); !text.empty())
                    joined += (joined.empty() ? "" : ",") + text;
            }
            put(pairs, name, joined);
        } else {
            put(pairs, name, scalar_text(value));
        }
    }
    return {};
}

Result<void> Overrides::take_value(const wire::Value& value, const std::string& directory) {
    if (const wire::Value::List* items = value.items()) {
        for (const wire::Value& item : *items) MILL_CHECK(take_value(item, directory));
        return {};
    }
    if (value.members()) return take_map(*value.members(), directory);
    if (value.is_null()) return {};
    return take_text(scalar_text(value), directory);
}

Result<void> Overrides::take_file(const std::string& name, const std::string& directory) {
    const std::string path =
        name.starts_with('/') || directory == "." ? name : directory + "/" + name;
    if (!files_.exists(path))
        return fail("usage", "file://" + name + " was not found or is a directory");
    if (open_.size() == include_depth_max || !open_.insert(path).second)
        return fail("usage", "Infinite recursion detected in file references: " + path);
    MILL_TRY(const Bytes text, machine::read_file(files_, path));
    Result<wire::Value> value = fail("usage", "file://" + name + " uses an unsupported extension");
    if (path.ends_with(".json")) value = wire::parse_json(text);
    if (path.ends_with(".yaml") || path.ends_with(".yml")) value = wire::parse_yaml(text);
    if (!value) return fail("usage", path + ": " + value.error().message);
    MILL_CHECK(take_value(*value, machine::parent_directory(path)));
    open_.erase(path);
    return {};
}

Result<void> Overrides::take_text(const std::string& text, const std::string& directory) {
    constexpr std::string_view key = "ParameterKey=";
    constexpr std::string_view comma = ",ParameterValue=";
    if (text.starts_with("file://")) return take_file(text.substr(7), directory);
    for (const std::string& word : words_of(text, ' ')) {
        const std::size_t value = word.find(comma);
        const std::size_t equals = word.find('=');
        if (word.starts_with(key) && value != std::string::npos) {
            std::string meaning = word.substr(value + comma.size());
            if (meaning.size() > 1 && meaning.front() == '"' && meaning.back() == '"')
                meaning = meaning.substr(1, meaning.size() - 2);
            put(pairs, word.substr(key.size(), value - key.size()), meaning);
        } else if (equals != std::string::npos && equals > 0) {
            put(pairs, word.substr(0, equals), word.substr(equals + 1));
        } else {
            return fail("usage", "Invalid value for '--parameter-overrides': " + word +
                                     " is not a valid format. It must look something like "
                                     "'ParameterKey=KeyPairName,ParameterValue=MyKey "
                                     "ParameterKey=InstanceType,ParameterValue=t1.micro', "
                                     "'KeyPairName=MyKey InstanceType=t1.micro', or "
                                     "'file://MyParams.yaml'");
        }
    }
    return {};
}

}  // namespace

Result<Pairs> parameter_overrides(machine::Files& files, const SamOptions& options) {
    Overrides overrides(files);
    for (const std::string& text : options.raw("--parameter-overrides"))
        MILL_CHECK(overrides.take_text(text, "."));
    return std::move(overrides.pairs);
}

Result<Pairs> key_values(const SamOptions& options, const std::string& option, char separator) {
    Pairs pairs;
    for (const std::string& text : options.raw(option)) {
        for (const std::string& word : words_of(text, separator)) {
            const std::size_t equals = word.find('=');
            if (equals == std::string::npos || equals == 0) {
                return fail("usage", "Invalid value for '" + option + "': " + word +
                                         " is not in valid format. It must look something like "
                                         "'KeyName1=string KeyName2=string'");
            }
            put(pairs, word.substr(0, equals), word.substr(equals + 1));
        }
    }
    return pairs;
}

}  // namespace mill::cli
