// SPDX-License-Identifier: Apache-2.0
// Executor, Timers, Clock and Entropy of the real machine. Inside posix/ only.
#pragma once

#include <memory>

#include "machine/executor.h"
#include "posix/reactor.h"

namespace mill::posix {

// Destroying it waits for offloaded work.
std::unique_ptr<machine::Executor> make_executor(Reactor& reactor);
std::unique_ptr<machine::Timers> make_timers(Reactor& reactor);
std::unique_ptr<machine::Clock> make_clock();
// Executor thread only.
std::unique_ptr<machine::Entropy> make_entropy();

}  // namespace mill::posix
