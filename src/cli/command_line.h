// SPDX-License-Identifier: Apache-2.0
// The command line as a table of verbs. app/program/main.cc assembles it: a new verb is one line
// there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/session.h"

namespace mill::cli {

using Words = std::vector<std::string>;

struct Verb {
    std::string name;
    std::string summary;                   // half a line, for `millrace --help`
    std::string help;                      // usage, options and examples
    std::function<int(const Words&)> run;  // gives the exit code
    bool helps_itself = false;             // it takes --help and --version
};

// `words` without the program's name. Handles --version, --help, `help VERB`, `VERB --help` and
// mistakes.
int dispatch(Session& session, const std::vector<Verb>& verbs, const std::string& version,
             const Words& words);
std::string overview(const Session& session, const std::vector<Verb>& verbs);

// The name most like `word`, if one is close enough: for "did you mean".
std::string nearest(const std::string& word, const std::vector<std::string>& names);

// Prints "millrace VERB: MESSAGE" and where to find help; gives exit_usage.
int usage_error(Session& session, const std::string& verb, const std::string& message);

}  // namespace mill::cli
