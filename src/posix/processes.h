// SPDX-License-Identifier: Apache-2.0
// Processes of the real machine. Inside posix/ only.
#pragma once

#include <memory>

#include "posix/executor.h"
#include "posix/posix_machine.h"

namespace mill::posix {

class Launcher;

std::unique_ptr<machine::Processes> make_processes(Reactor& reactor, machine::Executor& executor,
                                                   Launcher& launcher, std::string python);

}  // namespace mill::posix
