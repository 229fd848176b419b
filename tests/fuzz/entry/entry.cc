// SPDX-License-Identifier: Apache-2.0
// Where libFuzzer, whose main() is linked in, hands over an input.
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mill::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
