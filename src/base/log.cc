// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill {
namespace {

constexpr std::string_view level_names[] = {"debug", "info", "warning", "error"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool needs_quotes(std::string_view value) {
    return value.empty() || value.find_first_of(" \"\\=") != std::string_view::npos ||
           std::any_of(value.begin(), value.end(), is_control);
}

// Values come from clients: control characters must forge neither a line nor a terminal sequence.
void append_value(std::string& line, std::string_view value) {
    if (!needs_quotes(value)) {
        line += value;
        return;
    }
    line += '"';
    for (char c : value) {
        if (c == '"' || c == '\\') line += '\\';
        if (c == '\n') {
            line += "\\n";
        } else if (is_control(c)) {
            line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            line += c;
        }
    }
    line += '"';
}

}  // namespace

void Log::write(LogLevel level, std::string_view event, std::initializer_list<Field> fields) const {
    if (!sink_ || level < threshold_) return;
    std::string line = "level=";
    line += level_names[static_cast<int>(level)];
    line += " event=";
    append_value(line, event);
    for (const Field& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        append_value(line, field.value);
    }
    sink_(level, line);
}

}  // namespace mill
