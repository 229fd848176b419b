// SPDX-License-Identifier: Apache-2.0
// Other programs run by the command line (make, pip, a server of its own): not functions, no
// sandbox. These calls block.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "posix/child.h"

namespace mill::posix {

struct Program {
    std::vector<std::string> argv;
    std::string directory;                                         // empty: this one
    std::vector<std::pair<std::string, std::string>> environment;  // added to ours
    bool gets_errors = false;                                      // our stderr is its descriptor 3
};

// Runs it to its end; output and errors together.
Result<Captured> run_program(const Program& program);

// A program that runs on beside us.
class BackgroundProgram {
  public:
    static Result<std::unique_ptr<BackgroundProgram>> start(const Program& program);
    BackgroundProgram(const BackgroundProgram&) = delete;
    BackgroundProgram& operator=(const BackgroundProgram&) = delete;
    ~BackgroundProgram();  // SIGKILL, unless it was released

    // The next line of its stdout; "process.ended" with what it wrote to stderr.
    Result<std::string> read_line();
    pid_t pid() const { return pid_; }
    void terminate();             // SIGTERM, then waits
    void release() { pid_ = 0; }  // leaves it running

  private:
    BackgroundProgram() = default;

    pid_t pid_ = 0;
    Descriptor output_;
    Descriptor errors_;  // a memfd: it never fills and never blocks the program
    std::string pending_;
};

}  // namespace mill::posix
