// SPDX-License-Identifier: Apache-2.0
// BegunWrite: a write past the system's cache that the disk carries out while its caller does
// something else, without another thread (io_submit(2), which containers allow where they do not
// allow io_uring). One at a time. Inside posix/ only.
#pragma once

#include <linux/aio_abi.h>
#include <sys/types.h>

#include <cstdint>

#include "base/bytes.h"

namespace mill::posix {

class BegunWrite {
  public:
    BegunWrite() = default;
    BegunWrite(const BegunWrite&) = delete;
    BegunWrite& operator=(const BegunWrite&) = delete;
    ~BegunWrite();  // waits for it

    // False if the system has no such writes, or has too many of them: nothing was begun. `bytes`
    // stay where they are until end().
    bool begin(int fd, std::uint64_t offset, BytesView bytes);
    bool is_under_way() const { return is_under_way_; }
    // Waits for it: what pwrite would have returned, but a negated errno for a failure.
    ssize_t end();

  private:
    aio_context_t context_ = 0;
    bool is_possible_ = true;
    bool is_under_way_ = false;
};

}  // namespace mill::posix
