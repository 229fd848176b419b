// SPDX-License-Identifier: Apache-2.0
// By itself: functions link with the rest of the room, and not with ISA-L.
#include <isa-l/crc.h>

#include <algorithm>

#include "base/bytes.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace mill {
namespace {

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(BytesView bytes, std::uint32_t crc) {
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t wide = crc;
    for (; left >= 8; left -= 8, at += 8) wide = _mm_crc32_u64(wide, load_le<std::uint64_t>(at));
    crc = static_cast<std::uint32_t>(wide);
    for (; left > 0; --left, ++at) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*at));
    return crc;
}
#endif

}  // namespace

std::uint32_t crc32c(BytesView bytes, std::uint32_t crc) {
#if defined(__x86_64__)
    // ISA-L takes several strands at once, which pays off from here on.
    constexpr std::size_t short_max = 512;
    static const bool has_instruction = __builtin_cpu_supports("sse4.2");
    if (bytes.size() <= short_max && has_instruction) return ~crc32c_sse42(bytes, ~crc);
#endif
    constexpr std::size_t step = 1 << 30;  // its lengths are ints
    crc = ~crc;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
        const BytesView part = bytes.substr(0, step);
        // It reads only, whatever its declaration says.
        auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(part.data()));
        crc = crc32_iscsi(data, static_cast<int>(part.size()), crc);
    }
    return ~crc;
}

}  // namespace mill
