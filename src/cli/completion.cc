// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <algorithm>
#include <map>

#include "cli/sam.h"

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
    return {};
}

// The commands of sam, one or two words each, and their options. `at` is where the first stands.
std::string sam_cases(int at) {
    const std::string first = "${COMP_WORDS[" + std::to_string(at) + "]}";
    const std::string second = "${COMP_WORDS[" + std::to_string(at + 1) + "]}";
    std::vector<std::string> names = {"install-shim"};
    std::map<std::string, std::string> groups = {{"local", "generate-event"}};
    std::string cases;
    for (const auto& [name, options] : sam_verb_options()) {
        const std::size_t blank = name.find(' ');
        const std::string head = name.substr(0, blank);
        if (std::ranges::find(names, head) == names.end()) names.push_back(head);
        if (blank != std::string::npos) {
            std::string& words = groups[head];
            words += (words.empty() ? "" : " ") + name.substr(blank + 1);
        }
        cases += "      '" + name + (blank == std::string::npos ? " '*" : "'") + ") words='" +
                 joined(options) + " --help' ;;\n";
    }
    std::string heads;
    for (const auto& [head, words] : groups)
        heads += "      '" + head + " '*) words='" + words + "' ;;\n";
    return "    if [ \"$COMP_CWORD\" -eq " + std::to_string(at) + " ]; then words='" +
           joined(names) + " --help'; else\n    case \"" + first + " " + second + "\" in\n" +
           cases + heads + "      esac\n    fi\n";
}

std::string bash_script(const std::vector<Verb>& verbs) {
    std::vector<std::string> names = {"help", "--help", "--version"};
    std::string cases;
    for (const Verb& verb : verbs) {
        names.push_back(verb.name);
        if (verb.name == "sam") continue;
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
           cases + "    sam)\n" + sam_cases(2) +
           "    ;;\n"
           "    *) words='' ;;\n"
           "    esac\n"
           "  fi\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -F _millrace millrace\n"
           // The shim.
           "_millrace_sam() {\n"
           "  local current=\"${COMP_WORDS[COMP_CWORD]}\" words\n" +
           sam_cases(1) +
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -F _millrace_sam sam\n";
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
