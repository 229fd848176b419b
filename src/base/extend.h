// SPDX-License-Identifier: Apache-2.0
// Room at the end of a string, to be written by the caller: resize() would clear it first.
#pragma once

#include <string>

namespace mill {

// Makes `out` longer by `count` bytes and returns the first of them. Grows like append().
inline char* extend(std::string& out, std::size_t count) {
    const std::size_t start = out.size(), end = start + count;
    out.resize_and_overwrite(end, [end](char*, std::size_t) { return end; });
    return out.data() + start;
}

}  // namespace mill
