// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/arguments.h"

namespace mill::cli {
namespace {

const Verb* find_verb(const std::vector<Verb>& verbs, const std::string& name) {
    const auto found = std::ranges::find(verbs, name, &Verb::name);
    return found == verbs.end() ? nullptr : &*found;
}

int unknown_verb(Session& session, const std::vector<Verb>& verbs, const std::string& name) {
    std::vector<std::string> names = {"help"};
    for (const Verb& verb : verbs) names.push_back(verb.name);
    const std::string close = nearest(name, names);
    session.err("millrace: unknown command '" + name + "'" +
                (close.empty() ? "" : "; did you mean 'millrace " + close + "'?") +
                "\nRun 'millrace --help' for the list.\n");
    return exit_usage;
}

bool is_help(const std::string& word) { return word == "--help" || word == "-h"; }

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& names) {
    std::string best;
    std::size_t least = 3;  // more differences than that are no slip of the finger
    for (const std::string& name : names) {
        const std::size_t differences = edit_distance(word, name);
        if (differences >= least) continue;
        least = differences;
        best = name;
    }
    return best;
}

int usage_error(Session& session, const std::string& verb, const std::string& message) {
    session.err("millrace " + verb + ": " + message + "\nRun 'millrace help " + verb +
                "' for its options.\n");
    return exit_usage;
}

std::string overview(const Session& session, const std::vector<Verb>& verbs) {
    std::string text =
        "Millrace runs Lambda and Kinesis pipelines on this machine, speaking the AWS "
        "protocols.\n\n" +
        session.bold("Usage:") + " millrace COMMAND [OPTIONS]\n\n" + session.bold("Commands:") +
        "\n";
    for (const Verb& verb : verbs) text += fmt::format("  {:<12}{}\n", verb.name, verb.summary);
    text +=
        fmt::format("  {:<12}{}\n", "help", "show the options of a command: millrace help serve");
    text += "\n" + session.bold("Examples:") +
            "\n"
            "  millrace serve\n"
            "  eval \"$(millrace env)\" && aws kinesis list-streams\n"
            "  millrace status\n\n"
            "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no server answers.\n";
    return text;
}

int dispatch(Session& session, const std::vector<Verb>& verbs, const std::string& version,
             const Words& words) {
    if (words.empty()) {
        session.err(overview(session, verbs));
        return exit_usage;
    }
    const std::string& first = words.front();
    if (first == "--version" || first == "-V" || first == "version") {
        session.out("millrace " + version + "\n");
        return exit_ok;
    }
    const bool asks_help = first == "help" || is_help(first);
    if (asks_help && words.size() == 1) {
        session.out(overview(session, verbs));
        return exit_ok;
    }
    const std::string& name = asks_help ? words[1] : first;
    const Verb* verb = find_verb(verbs, name);
    if (!verb) return unknown_verb(session, verbs, name);
    const bool is_told =
        !verb->helps_itself && std::any_of(words.begin() + 1, words.end(), is_help);
    if (asks_help || is_told) {
        session.out(verb->help);
        return exit_ok;
    }
    return verb->run(Words(words.begin() + 1, words.end()));
}

}  // namespace mill::cli
