// SPDX-License-Identifier: Apache-2.0
// The command line's session on the real machine: terminal, environment, programs.
#pragma once

#include <functional>

#include "cli/session.h"

namespace mill::app {

// `on_terminate` sets what to do about SIGTERM and Ctrl-C.
cli::Session make_session(Machine& machine,
                          std::function<void(std::function<void()>)> on_terminate);

}  // namespace mill::app
