// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <algorithm>

namespace mill::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// Words that follow a verb, beside its options.
std::string further_words(const Verb& verb) {
    if (verb.name == "completion") return " bash zsh";
    if (verb.name == "mapping") return " show rewind replay-failed";
    if (verb.name == "sam")
        return " build deploy local remote logs delete invoke start-lambda generate-event";
    return {};
}

std::string bash_script(const std::vector<Verb>& verbs) {
    std::vector<std::string> names = {"help", "--help", "--version"};
    std::string cases;
    for (const Verb& verb : verbs) {
        names.push_back(verb.name);
        cases += "    " + verb.name + ") words='" + joined(options_in(verb.help)) +
                 further_words(verb) + " --help' ;;\n";
    }
    return "# For bash: eval \"$(millrace completion bash)\"\n"
           "_millrace() {\n"
           "  local current=\"${COMP_WORDS[COMP_CWORD]}\" words\n"
           "  if [ \"$COMP_CWORD\" -eq 1 ]; then words='" +
           joined(names) +
           "'; else\n"
           "    case \"${COMP_WORDS[1]}\" in\n" +
           cases +
           "    *) words='' ;;\n"
           "    esac\n"
           "  fi\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -F _millrace millrace\n";
}

}  // namespace

std::vector<std::string> options_in(const std::string& help) {
    std::vector<std::string> options;
    for (std::size_t at = help.find("--"); at != std::string::npos; at = help.find("--", at + 2)) {
        const std::size_t end = std::min(
            help.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", at), help.size());
        std::string option = help.substr(at, end - at);
        if (option.size() > 2 && std::ranges::find(options, option) == options.end()) {
            options.push_back(std::move(option));
        }
        at = end - 2;
    }
    return options;
}

int completion(Session& session, const std::vector<Verb>& verbs, const Words& words) {
    if (words.size() != 1 || (words[0] != "bash" && words[0] != "zsh")) {
        return usage_error(session, "completion", "say which shell: bash or zsh");
    }
    // zsh runs bash's completion functions.
    if (words[0] == "zsh") session.out("autoload -U +X bashcompinit && bashcompinit\n");
    session.out(bash_script(verbs));
    return exit_ok;
}

std::string completion_help() {
    return "Usage: millrace completion bash|zsh\n"
           "\n"
           "Prints a script that completes commands and options of millrace.\n"
           "\n"
           "Examples:\n"
           "  eval \"$(millrace completion bash)\"\n"
           "  millrace completion zsh >> ~/.zshrc\n";
}

}  // namespace mill::cli
