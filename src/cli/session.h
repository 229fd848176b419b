// SPDX-License-Identifier: Apache-2.0
// What the verbs of the command line need from outside: the machine, the terminal, the environment,
// other programs. app/ puts it together; tests give their own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "machine/machine.h"

namespace mill::cli {

// Exit codes of every verb.
constexpr int exit_ok = 0;
constexpr int exit_failed = 1;       // what was asked for could not be done
constexpr int exit_usage = 2;        // the command line is wrong
constexpr int exit_unreachable = 3;  // no server answers

struct Command {
    std::vector<std::string> argv;
    std::string directory;                                         // empty: this one
    std::vector<std::pair<std::string, std::string>> environment;  // added to ours
    bool gets_errors = false;                                      // our stderr is its descriptor 3
};

struct CommandResult {
    int exit_code = 0;
    std::string output;  // stdout and stderr
};

// A program that runs on beside us.
class Background {
  public:
    virtual ~Background() = default;  // kills it, unless it was released
    // The next line of its stdout, or an error ("process.ended" with what it wrote to stderr).
    virtual Result<std::string> read_line() = 0;
    virtual int pid() const = 0;
    virtual void terminate() = 0;  // SIGTERM, and waits
    virtual void release() = 0;    // leaves it running
};

// Looks at files as long as it lives.
class Watch {
  public:
    virtual ~Watch() = default;
    virtual std::vector<std::string> take_changed() = 0;  // paths, since the last call
};

struct Session {
    Machine& machine;
    std::function<void(std::string_view)> out;                 // stdout
    std::function<void(std::string_view)> err;                 // stderr
    std::function<std::string(const std::string&)> variable;   // of the environment; empty if unset
    std::function<std::optional<std::string>()> read_line;     // from stdin; nothing at its end
    std::function<std::optional<std::string>()> read_secret;   // as read_line, and does not show
    std::function<std::string()> read_all;                     // all of stdin
    std::function<Result<CommandResult>(const Command&)> run;  // blocks
    std::function<Result<std::unique_ptr<Background>>(const Command&)> start;
    // Calls the handler for SIGTERM and Ctrl-C, instead of ending the program.
    std::function<void(std::function<void()>)> on_terminate;
    // Wakes `changed` when something below one of the paths (files or directories) changes.
    std::function<Result<std::unique_ptr<Watch>>(const std::vector<std::string>& paths,
                                                 machine::Signal& changed)>
        watch;
    std::string program;  // path of this binary
    std::string sdk;      // folder with include/ and lib/ of millrace-runtime
    bool colour = false;
    int columns = 80;                   // of the terminal
    bool is_asked = false;              // stdin is a terminal: somebody answers questions
    std::string name = "millrace sam";  // how the sam verbs were called, for texts

    std::string bold(std::string_view text) const { return paint("1", text); }
    std::string dim(std::string_view text) const { return paint("2", text); }
    std::string cyan(std::string_view text) const { return paint("36", text); }
    std::string yellow(std::string_view text) const { return paint("33", text); }
    std::string red(std::string_view text) const { return paint("31", text); }
    std::string green(std::string_view text) const { return paint("32", text); }

  private:
    std::string paint(const char* code, std::string_view text) const {
        if (!colour) return std::string(text);
        return std::string("\033[") + code + "m" + std::string(text) + "\033[0m";
    }
};

}  // namespace mill::cli
