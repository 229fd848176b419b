// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_config.h"

#include <algorithm>
#include <optional>
#include <sstream>

namespace mill::cli {
namespace {

struct NotToml {};

}  // namespace
}  // namespace mill::cli

// toml++ 3.3 asserts what it has not checked: "[!" would end the program.
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : throw ::mill::cli::NotToml())
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace mill::cli {
namespace {

std::string text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    std::ostringstream out;
    if (const auto* flag = node.as_boolean()) {
        out << (flag->get() ? "true" : "false");
    } else if (const auto* number = node.as_integer()) {
        out << number->get();
    } else if (const auto* real = node.as_floating_point()) {
        out << real->get();
    }
    return out.str();
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// True if the line's characters that are not ASCII stand in a comment, or between quotes that end
// on it, and not behind a backslash.
bool has_foreign_in_place_only(std::string_view line) {
    if (std::ranges::all_of(line, is_ascii)) return true;
    if (line.contains("\"\"\"") || line.contains("'''")) return false;
    char quote = 0;           // of the text that `at` is in
    bool is_foreign = false;  // something in that text
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (!quote && c == '#') return true;
        if (!is_ascii(c) && (!quote || line[at - 1] == '\\')) return false;
        is_foreign = quote && (is_foreign || !is_ascii(c));
        if (quote == '"' && c == '\\' && at + 1 < line.size() && is_ascii(line[at + 1])) {
            ++at;
        } else if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        }
    }
    return !quote || !is_foreign;
}

// The first line that toml++ 3.3 is not to see: it looks for blanks among characters that are not
// ASCII in a way that is undefined, where TOML has no place for such characters.
std::optional<std::size_t> misplaced_line(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (!has_foreign_in_place_only(line)) return number;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return std::nullopt;
}

Failure wrong(const std::string& path, std::size_t line, std::string_view what) {
    std::ostringstream text;
    text << path << " line " << line << ": " << what;
    return fail("samconfig", text.str());
}

Result<toml::table> parse(const Bytes& text, const std::string& path) {
    if (const auto line = misplaced_line(text))
        return wrong(path, *line,
                     "characters that are not ASCII belong between quotes, on one line");
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        return wrong(path, error.source().begin.line, error.description());
    } catch (const NotToml&) {
        return fail("samconfig", path + " is not TOML; look for a '[' without a name behind it");
    }
}

void take(const toml::node_view<const toml::node>& parameters, SamConfig& config) {
    const toml::table* table = parameters.as_table();
    if (!table) return;
    for (const auto& [key, node] : *table) {
        std::vector<std::string> values;
        if (const auto* list = node.as_array()) {
            for (const auto& item : *list) values.push_back(text_of(item));
        } else {
            values.push_back(text_of(node));
        }
        config[std::string(key.str())] = std::move(values);
    }
}

}  // namespace

Result<SamConfig> load_sam_config(machine::Files& files, const std::string& path,
                                  const std::string& environment, const std::string& command) {
    if (!files.exists(path)) return SamConfig();
    MILL_TRY(const Bytes text, machine::read_file(files, path));
    MILL_TRY(const toml::table parsed, parse(text, path));
    const toml::node_view<const toml::node> root(parsed);
    SamConfig config;
    take(root[environment]["global"]["parameters"], config);
    take(root[environment][command]["parameters"], config);
    return config;
}

}  // namespace mill::cli
