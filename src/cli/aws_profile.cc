// SPDX-License-Identifier: Apache-2.0
#include "cli/aws_profile.h"

#include <sstream>

namespace mill::cli {
namespace {

std::string trimmed(const std::string& text) {
    constexpr const char* blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

// "[profile  NAME]" -> "profile NAME"; empty if the line begins no section.
std::string section_of(const std::string& line) {
    if (!line.starts_with('[') || !line.contains(']')) return {};
    std::istringstream words(line.substr(1, line.find(']') - 1));
    std::string name;
    for (std::string word; words >> word;) name += (name.empty() ? "" : " ") + word;
    return name;
}

// Puts the section's settings into the profile; false if it is not there. What is indented belongs
// to a setting above, such as "s3 =".
bool read_section(const std::string& text, const std::string& section, AwsProfile& profile) {
    std::istringstream lines(text);
    bool is_found = false;
    bool is_inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.starts_with('#') || line.starts_with(';')) continue;
        if (line.starts_with('[')) {
            is_inside = section_of(line) == section;
            is_found = is_found || is_inside;
            continue;
        }
        const std::size_t equals = line.find('=');
        const bool is_nested = line.starts_with(' ') || line.starts_with('\t');
        if (!is_inside || is_nested || equals == std::string::npos) continue;
        profile[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
    return is_found;
}

std::string file_of(const Session& session, const std::string& variable, const char* name) {
    const std::string given = session.variable(variable);
    return given.empty() ? session.variable("HOME") + "/.aws/" + name : given;
}

}  // namespace

Result<AwsProfile> load_aws_profile(const Session& session, const std::string& name) {
    machine::Files& files = session.machine.files;
    AwsProfile profile;
    bool is_found = false;
    const auto read = [&](const std::string& path, const std::string& section) -> Result<void> {
        if (!files.exists(path)) return {};
        MILL_TRY(const Bytes text, machine::read_file(files, path));
        is_found = read_section(text, section, profile) || is_found;
        return {};
    };
    MILL_CHECK(read(file_of(session, "AWS_CONFIG_FILE", "config"),
                    name == "default" ? name : "profile " + name));
    MILL_CHECK(read(file_of(session, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), name));
    if (!is_found) return fail("sam", "The config profile (" + name + ") could not be found");
    return profile;
}

}  // namespace mill::cli
