// SPDX-License-Identifier: Apache-2.0
// MILL_ASSERT: for what cannot happen. Always on; prints the place and stops the process.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace mill {

[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "millrace: assertion failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace mill

#define MILL_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::mill::assertion_failed(#condition, __FILE__, __LINE__))
