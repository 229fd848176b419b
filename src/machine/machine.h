// SPDX-License-Identifier: Apache-2.0
// Machine: the outside world, handed to the server. posix::make_machine() and sim::World are its
// only two sources.
#pragma once

#include "base/log.h"
#include "machine/executor.h"
#include "machine/files.h"
#include "machine/network.h"
#include "machine/processes.h"
#include "machine/signal.h"

namespace mill::machine {

struct Machine {
    Clock& clock;
    Timers& timers;
    Executor& executor;
    Entropy& entropy;
    Files& files;
    Network& network;
    Processes& processes;
    Log log;
};

}  // namespace mill::machine

namespace mill {
using machine::Machine;
}
