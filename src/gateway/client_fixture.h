// SPDX-License-Identifier: Apache-2.0
// What tests of conversations read at the client's end.
#pragma once

#include <string>

#include "machine/network.h"
#include "machine/task.h"

namespace mill::gateway {

// All that comes, until the server has ended.
inline Task<void> read_on(machine::Connection& from, std::string* into, bool* ended) {
    std::string buffer(64 * 1024, '\0');
    for (;;) {
        const auto count = co_await from.read(buffer.data(), buffer.size());
        *ended = !count || *count == 0;
        if (*ended) co_return;
        into->append(buffer, 0, *count);
    }
}

}  // namespace mill::gateway
