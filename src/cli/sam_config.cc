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

// Where TOML takes ASCII only, which is everywhere but in texts and comments, other characters are
// beyond what toml++ 3.3 can tell apart from blanks.
std::optional<std::size_t> misplaced_character(std::string_view text) {
    std::string_view quote;  // of the text that `at` is in
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    const std::size_t start = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    for (std::size_t at = start; at < text.size(); ++at) {
        const std::string_view rest = text.substr(at);
        if (!quote.empty()) {
            if (quote[0] == '"' && rest[0] == '\\') {
                ++at;
            } else if (rest.starts_with(quote) || (rest[0] == '\n' && quote.size() == 1)) {
                at += quote.size() - 1;
                quote = {};
            }
        } else if (rest[0] == '"' || rest[0] == '\'') {
            const std::string_view triple = rest[0] == '"' ? "\"\"\"" : "\'\'\'";
            quote = triple.substr(0, rest.starts_with(triple) ? 3 : 1);
            at += quote.size() - 1;
        } else if (rest[0] == '#') {
            at += std::min(rest.find('\n'), rest.size() - 1);
        } else if (static_cast<unsigned char>(rest[0]) >= 0x80) {
            return at;
        }
    }
    return std::nullopt;
}

Failure wrong(const std::string& path, std::size_t line, std::string_view what) {
    std::ostringstream text;
    text << path << " line " << line << ": " << what;
    return fail("samconfig", text.str());
}

Result<toml::table> parse(const Bytes& text, const std::string& path) {
    if (const auto at = misplaced_character(text)) {
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(*at);
        return wrong(path, static_cast<std::size_t>(std::count(text.begin(), end, '\n')) + 1,
                     "a character outside of quotes that is not ASCII");
    }
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
