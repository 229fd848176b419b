// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_config.h"

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

Result<toml::table> parse(const Bytes& text, const std::string& path) {
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        std::ostringstream place;
        place << path << " line " << error.source().begin.line << ": " << error.description();
        return fail("samconfig", place.str());
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
