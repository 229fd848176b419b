// SPDX-License-Identifier: Apache-2.0
#include "posix/sandbox_image.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

// MILL_SANDBOX_INIT is the path of the built program (src/CMakeLists.txt).
asm(".pushsection .rodata\n"
    "mill_sandbox_init_begin: .incbin \"" MILL_SANDBOX_INIT
    "\"\n"
    "mill_sandbox_init_end:\n"
    ".popsection\n");

extern "C" {
extern const char mill_sandbox_init_begin;
extern const char mill_sandbox_init_end;
}

namespace mill::posix {

Result<Descriptor> memory_file(const char* name, BytesView bytes) {
    Descriptor fd(::memfd_create(name, MFD_CLOEXEC));
    if (!fd)
        return fail("process.spawn", "memfd_create: " + std::generic_category().message(errno));
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0)
            return fail("process.spawn", "memfd: " + std::generic_category().message(errno));
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return fd;
}

Result<Descriptor> sandbox_init_file() {
    const auto size = static_cast<std::size_t>(&mill_sandbox_init_end - &mill_sandbox_init_begin);
    return memory_file("sandbox_init", BytesView(&mill_sandbox_init_begin, size));
}

}  // namespace mill::posix
