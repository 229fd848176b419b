// SPDX-License-Identifier: Apache-2.0
// What a program asks of the host it runs on, outside the Machine: its own path, environment,
// limits, programs installed. For app/ and posix/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace mill::posix {

std::optional<std::string> environment_variable(const std::string& name);
std::string executable_path();                       // of this program, links resolved
std::string absolute_path(const std::string& path);  // without ".", ".." and a slash at its end
std::string find_in_path(
    const std::string& name);  // a program on PATH or in /usr/bin, /bin; empty if there is none
// Lifts the soft limit of open descriptors to the hard one; the limit that holds then.
std::uint64_t raise_descriptor_limit();
// New files are readable by their owner only.
void make_files_private();
Result<std::string> make_temporary_directory();  // under TMPDIR or /tmp, mode 0700
// Whether it was open already when this program began.
bool is_inherited(int descriptor);
bool is_terminal(int descriptor);
int terminal_columns();  // $COLUMNS, else those of the terminal, else 80
// What is typed at the terminal does not show as long as this lives.
class HiddenInput {
  public:
    HiddenInput();
    HiddenInput(const HiddenInput&) = delete;
    HiddenInput& operator=(const HiddenInput&) = delete;
    ~HiddenInput();

  private:
    std::optional<unsigned> flags_;  // the terminal's, before
};
// Ends the process at once, without any clean-up.
[[noreturn]] void exit_now(int code);

}  // namespace mill::posix
