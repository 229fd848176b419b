// SPDX-License-Identifier: Apache-2.0
// Everything in memory, for --ephemeral and for tests. Acknowledged means: until the process ends.
#pragma once

#include "machine/machine.h"
#include "storage/stream_log.h"

namespace mill::memory {

storage::Engine make_engine(Machine& machine);

}  // namespace mill::memory
