// SPDX-License-Identifier: Apache-2.0
#include "cli/prompt.h"

#include <algorithm>

namespace mill::cli {
namespace {

Failure aborted() { return fail("aborted", "Aborted!"); }

std::string trimmed(const std::string& text) {
    const std::size_t from = text.find_first_not_of(" \t\r");
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") + 1 - from);
}

}  // namespace

Result<std::string> prompt(Session& session, const std::string& question,
                           const std::optional<std::string>& fallback) {
    for (;;) {
        session.out(question + (fallback ? " [" + *fallback + "]: " : ": "));
        const auto line = session.read_line();
        if (!line) return aborted();
        if (std::string answer = trimmed(*line); !answer.empty()) return answer;
        if (fallback) return *fallback;
    }
}

Result<std::string> prompt_secret(Session& session, const std::string& question) {
    for (;;) {
        session.out(question + ": ");
        const auto line = session.read_secret();
        session.out("\n");
        if (!line) return aborted();
        if (!line->empty()) return *line;
    }
}

Result<bool> confirm(Session& session, const std::string& question, bool fallback) {
    for (;;) {
        session.out(question + (fallback ? " [Y/n]: " : " [y/N]: "));
        const auto line = session.read_line();
        if (!line) return aborted();
        std::string answer = trimmed(*line);
        std::ranges::transform(answer, answer.begin(),
                               [](unsigned char c) { return std::tolower(c); });
        if (answer.empty()) return fallback;
        if (answer == "y" || answer == "yes") return true;
        if (answer == "n" || answer == "no") return false;
        session.out("Error: invalid input\n");
    }
}

}  // namespace mill::cli
