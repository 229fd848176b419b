// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_config.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "wire/value.h"

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

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\\\"") : std::string(1, c);
    return out + '"';
}

void take(const toml::node_view<const toml::node>& parameters, SamConfig& config) {
    const toml::table* table = parameters.as_table();
    if (!table) return;
    for (const auto& [key, node] : *table) {
        std::vector<std::string> values;
        if (const auto* list = node.as_array()) {
            for (const auto& item : *list) values.push_back(text_of(item));
        } else if (const auto* map = node.as_table()) {
            for (const auto& [name, item] : *map)
                values.push_back(std::string(name.str()) + "=" + quoted(text_of(item)));
        } else {
            values.push_back(text_of(node));
        }
        config[std::string(key.str())] = std::move(values);
    }
}

std::string scalar_text(const wire::Value& value) {
    return value.string() ? *value.string() : wire::write_json(value);
}

void take(const wire::Value* parameters, SamConfig& config) {
    if (!parameters || !parameters->members()) return;
    for (const auto& [key, value] : *parameters->members()) {
        std::vector<std::string> values;
        if (value.items()) {
            for (const wire::Value& item : *value.items()) values.push_back(scalar_text(item));
        } else if (value.members()) {
            for (const auto& [name, item] : *value.members())
                values.push_back(name + "=" + quoted(scalar_text(item)));
        } else if (!value.is_null()) {
            values.push_back(scalar_text(value));
        }
        config[key] = std::move(values);
    }
}

const wire::Value* parameters_of(const wire::Value& root, const std::string& environment,
                                 const std::string& command) {
    const wire::Value* at = &root;
    for (const std::string& name : {environment, command, std::string("parameters")}) {
        at = at->find(name);
        if (!at) return nullptr;
    }
    return at;
}

bool is_json(const std::string& path) { return path.ends_with(".json"); }
bool is_yaml(const std::string& path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

Result<SamConfig> load_document(const Bytes& text, const std::string& path,
                                const std::string& environment, const std::string& command) {
    const auto root = is_json(path) ? wire::parse_json(text) : wire::parse_yaml(text);
    if (!root) return fail("samconfig", path + ": " + root.error().message);
    SamConfig config;
    take(parameters_of(*root, environment, "global"), config);
    take(parameters_of(*root, environment, command), config);
    return config;
}

std::string toml_text(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string toml_text(const SamConfigValue& value) {
    if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* text = std::get_if<std::string>(&value)) return toml_text(*text);
    std::string out;
    for (const std::string& item : std::get<std::vector<std::string>>(value))
        out += (out.empty() ? "" : ", ") + toml_text(item);
    return "[" + out + "]";
}

std::size_t line_end(const std::string& text, std::size_t at) {
    return std::min(text.find('\n', at), text.size() - 1) + 1;
}

// The end of the value that begins on the line at `at`: lists may go on over further lines.
std::size_t value_end(const std::string& text, std::size_t at) {
    int depth = 0;
    for (;;) {
        const std::size_t end = line_end(text, at);
        for (char quote = 0; at < end; ++at) {
            const char c = text[at];
            if (quote == 0 && c == '#') break;
            if (quote == '"' && c == '\\') {
                ++at;
            } else if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (quote == 0) {
                depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            }
        }
        at = end;
        if (depth <= 0 || end == text.size()) return end;
    }
}

bool is_key_line(std::string_view line, std::string_view key) {
    if (!line.starts_with(key)) return false;
    const std::size_t next = line.find_first_not_of(" \t", key.size());
    return next != std::string_view::npos && line[next] == '=';
}

}  // namespace

void SamConfigFile::put(const std::string& environment, const std::string& command,
                        const std::string& key, const SamConfigValue& value) {
    const std::string header = "[" + environment + "." + command + ".parameters]";
    const std::string line = key + " = " + toml_text(value) + "\n";
    if (!text_.empty() && !text_.ends_with('\n')) text_ += '\n';
    std::size_t at = text_.starts_with(header) ? 0 : text_.find("\n" + header);
    if (at == std::string::npos) {
        text_ += (text_.empty() ? "" : "\n") + header + "\n" + line;
        return;
    }
    at = line_end(text_, at + (text_[at] == '\n' ? 1 : 0));
    std::size_t last = at;  // behind the last key of the table
    while (at < text_.size() && text_[at] != '[') {
        const std::size_t end = value_end(text_, at);
        if (is_key_line(std::string_view(text_).substr(at), key)) {
            text_.replace(at, end - at, line);
            return;
        }
        if (text_[at] != '\n' && text_[at] != '#') last = end;
        at = end;
    }
    text_.insert(last, line);
}

Result<void> SamConfigFile::write(machine::Files& files, const std::string& path) const {
    MILL_TRY(const toml::table parsed, parse(text_, path));
    static_cast<void>(parsed);
    return machine::write_file_durably(files, path, text_);
}

Result<SamConfigFile> read_sam_config_file(machine::Files& files, const std::string& path) {
    if (is_json(path) || is_yaml(path))
        return fail("samconfig", "Millrace writes TOML only; pass --config-file samconfig.toml");
    if (!files.exists(path)) return SamConfigFile();
    MILL_TRY(Bytes text, machine::read_file(files, path));
    MILL_TRY(const toml::table parsed, parse(text, path));
    static_cast<void>(parsed);
    return SamConfigFile(std::move(text));
}

Result<SamConfig> load_sam_config(machine::Files& files, const std::string& given,
                                  const std::string& environment, const std::string& command) {
    std::string path = given;
    if (!files.exists(path) && path == "samconfig.toml") {
        for (const char* other : {"samconfig.yaml", "samconfig.yml", "samconfig.json"}) {
            if (files.exists(other)) path = other;
        }
    }
    if (!files.exists(path)) return SamConfig();
    MILL_TRY(const Bytes text, machine::read_file(files, path));
    if (is_json(path) || is_yaml(path)) return load_document(text, path, environment, command);
    MILL_TRY(const toml::table parsed, parse(text, path));
    const toml::node_view<const toml::node> root(parsed);
    SamConfig config;
    take(root[environment]["global"]["parameters"], config);
    take(root[environment][command]["parameters"], config);
    return config;
}

}  // namespace mill::cli
