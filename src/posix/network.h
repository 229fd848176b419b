// SPDX-License-Identifier: Apache-2.0
// TCP of the real machine. Inside posix/ only.
#pragma once

#include <memory>

#include "base/log.h"
#include "machine/network.h"
#include "posix/executor.h"
#include "posix/resolver.h"

namespace mill::posix {

std::unique_ptr<machine::Network> make_network(Reactor& reactor, machine::Executor& executor,
                                               Log log, ResolverOptions options = {});

}  // namespace mill::posix
