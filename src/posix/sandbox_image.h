// SPDX-License-Identifier: Apache-2.0
// The program sandbox_init (sandbox_init.c), carried inside this binary and handed out as a memfd.
#pragma once

#include "posix/files.h"

namespace mill::posix {

// A new memfd with the bytes. "process.spawn" when the kernel refuses.
Result<Descriptor> memory_file(const char* name, BytesView bytes);
Result<Descriptor> sandbox_init_file();

}  // namespace mill::posix
