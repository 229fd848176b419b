// SPDX-License-Identifier: Apache-2.0
// The command line's session on the real machine: terminal, environment, programs.
#pragma once

#include "cli/session.h"
#include "posix/posix_machine.h"

namespace mill::app {

cli::Session make_session(posix::PosixMachine& posix);

}  // namespace mill::app
