// SPDX-License-Identifier: Apache-2.0
// MD5 of many short texts at once, one in each lane of a vector: a digest alone is one long chain
// of dependent steps, eight side by side cost little more. RFC 1321.
#include <algorithm>

#include "base/bytes.h"

namespace mill {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t block_bytes = 64;
constexpr std::size_t one_block_max = 55;  // longer ones need a second block for their length
using Lanes = std::uint32_t __attribute__((vector_size(4 * lanes)));

// 2^32 * |sin(i + 1)|
constexpr std::array<std::uint32_t, 64> sines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<int, 16> turns = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

// One block of each lane, word by word. Filled as numbers, since single lanes of a vector are dear.
struct Words {
    std::array<std::array<std::uint32_t, lanes>, 16> of;
};

// A text, a one bit, zeros, and the text's length in bits.
void lay_out(std::string_view text, std::size_t lane, Words& words) {
    std::array<char, block_bytes> block{};
    text.copy(block.data(), text.size());
    block[text.size()] = '\x80';
    for (std::size_t i = 0; i < 14; ++i)
        words.of[i][lane] = load_le<std::uint32_t>(block.data() + 4 * i);
    words.of[14][lane] = static_cast<std::uint32_t>(text.size() * 8);
}

[[gnu::always_inline]] inline void digest(const Words& words, std::array<Lanes, 4>& state) {
    Lanes a = state[0], b = state[1], c = state[2], d = state[3];
#pragma clang loop unroll(full)
    for (std::size_t i = 0; i < 64; ++i) {
        Lanes f;
        std::size_t word;
        if (i < 16) {
            f = d ^ (b & (c ^ d));
            word = i;
        } else if (i < 32) {
            f = c ^ (d & (b ^ c));
            word = (5 * i + 1) % 16;
        } else if (i < 48) {
            f = b ^ c ^ d;
            word = (3 * i + 5) % 16;
        } else {
            f = c ^ (b | ~d);
            word = 7 * i % 16;
        }
        const int turn = turns[i / 16 * 4 + i % 4];
        Lanes block;
        std::memcpy(&block, words.of[word].data(), sizeof(block));
        const Lanes sum = a + f + block + sines[i];
        a = d;
        d = c;
        c = b;
        b += sum << turn | sum >> (32 - turn);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void digest_plainly(const Words& words, std::array<Lanes, 4>& state) { digest(words, state); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) void digest_avx2(const Words& words, std::array<Lanes, 4>& state) {
    digest(words, state);
}
bool has_avx2() {
    static const bool has = __builtin_cpu_supports("avx2");
    return has;
}
#else
void digest_avx2(const Words& words, std::array<Lanes, 4>& state) { digest(words, state); }
bool has_avx2() { return false; }
#endif

void digest_some(std::span<const std::string_view> texts, Digest16* to) {
    Words words{};
    for (std::size_t lane = 0; lane < texts.size(); ++lane) {
        if (texts[lane].size() <= one_block_max) lay_out(texts[lane], lane, words);
    }
    std::array<Lanes, 4> state = {Lanes{} + 0x67452301U, Lanes{} + 0xefcdab89U,
                                  Lanes{} + 0x98badcfeU, Lanes{} + 0x10325476U};
    has_avx2() ? digest_avx2(words, state) : digest_plainly(words, state);
    std::array<std::array<std::uint32_t, lanes>, 4> digests;
    std::memcpy(&digests, &state, sizeof(digests));
    for (std::size_t lane = 0; lane < texts.size(); ++lane) {
        if (texts[lane].size() > one_block_max) {
            to[lane] = md5(texts[lane]);
            continue;
        }
        for (std::size_t i = 0; i < 4; ++i)
            std::memcpy(to[lane].data() + 4 * i, &digests[i][lane], 4);
    }
}

}  // namespace

void md5(std::span<const std::string_view> texts, Digest16* to) {
    for (std::size_t i = 0; i < texts.size(); i += lanes)
        digest_some(texts.subspan(i, std::min(lanes, texts.size() - i)), to + i);
}

}  // namespace mill
