// SPDX-License-Identifier: Apache-2.0
// The vector forms take 24 bytes or 32 characters at a time: both ways a shuffle brings the bits
// into place and the distance between a value and its character comes out of a table of 16. The
// idea is Wojciech Muła's and Daniel Lemire's, "Faster Base64 Encoding and Decoding using AVX2
// Instructions" (2018).
#include "base/base64.h"

#include "base/extend.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mill {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<signed char, 256> values = [] {
    std::array<signed char, 256> table{};
    table.fill(-1);
    for (int i = 0; i < 64; ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    return table;
}();

int value_of(char c) { return values[static_cast<unsigned char>(c)]; }

#if defined(__x86_64__)
bool has_avx2() {
    static const bool has = __builtin_cpu_supports("avx2");
    return has;
}

#define MILL_AVX2 __attribute__((target("avx2")))

// As many whole groups of 24 bytes as there are; returns how many bytes that is. Reads 28.
MILL_AVX2 std::size_t encode_avx2(const char* from, std::size_t size, char* to) {
    const __m256i arrange = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1,
                                             0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    // What is to be added: 0 to 25 'A', 26 to 51 'a' - 26, 52 to 61 '0' - 52, '+' - 62, '/' - 63.
    const __m256i distance = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0));
    std::size_t done = 0;
    for (; size - done >= 28; done += 24, to += 32) {
        const auto* low = reinterpret_cast<const __m128i*>(from + done);
        const auto* high = reinterpret_cast<const __m128i*>(from + done + 12);
        const __m256i bytes = _mm256_shuffle_epi8(
            _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)),
                                    _mm_loadu_si128(high), 1),
            arrange);
        const __m256i odd = _mm256_mulhi_epu16(
            _mm256_and_si256(bytes, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
        const __m256i even = _mm256_mullo_epi16(
            _mm256_and_si256(bytes, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
        const __m256i sextets = _mm256_or_si256(odd, even);
        const __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), sextets);
        const __m256i row = _mm256_or_si256(_mm256_subs_epu8(sextets, _mm256_set1_epi8(51)),
                                            _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                            _mm256_add_epi8(sextets, _mm256_shuffle_epi8(distance, row)));
    }
    return done;
}

// A character is outside the alphabet where the rows of its two halves share a bit.
MILL_AVX2 __m256i outside(__m256i text) {
    const __m256i by_low =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                                  0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a));
    const __m256i by_high =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
                                                  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10));
    const __m256i half = _mm256_set1_epi8(0x0f);
    const __m256i low = _mm256_shuffle_epi8(by_low, _mm256_and_si256(text, half));
    const __m256i high =
        _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi32(text, 4), half));
    return _mm256_and_si256(low, high);
}

// How many characters from the front on are surely of the alphabet.
MILL_AVX2 std::size_t check_avx2(const char* from, std::size_t size) {
    std::size_t done = 0;
    for (; size - done >= 32; done += 32) {
        const __m256i bad =
            outside(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + done)));
        if (!_mm256_testz_si256(bad, bad)) break;
    }
    return done;
}

// As many whole groups of 32 characters as leave eight bytes of room behind what they give;
// returns how many characters that is.
MILL_AVX2 std::size_t decode_avx2(const char* from, std::size_t size, char* to) {
    // What is to be added, by the upper half: '+', digits, upper and lower case; '/' is row 1.
    const __m256i distance = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i arrange =
        _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6, 5, 4,
                         10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    std::size_t done = 0;
    for (; size - done >= 48; done += 32, to += 24) {
        const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + done));
        const __m256i half = _mm256_and_si256(_mm256_srli_epi32(text, 4), _mm256_set1_epi8(0x0f));
        const __m256i slash = _mm256_cmpeq_epi8(text, _mm256_set1_epi8('/'));
        const __m256i sextets =
            _mm256_add_epi8(text, _mm256_shuffle_epi8(distance, _mm256_add_epi8(slash, half)));
        const __m256i pairs = _mm256_maddubs_epi16(sextets, _mm256_set1_epi32(0x01400140));
        const __m256i triples = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
        const __m256i bytes = _mm256_permutevar8x32_epi32(
            _mm256_shuffle_epi8(triples, arrange), _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
    }
    return done;
}
#else
bool has_avx2() { return false; }
std::size_t encode_avx2(const char*, std::size_t, char*) { return 0; }
std::size_t check_avx2(const char*, std::size_t) { return 0; }
std::size_t decode_avx2(const char*, std::size_t, char*) { return 0; }
#endif

std::size_t padding_of(std::string_view text) {
    return text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
}

}  // namespace

char* base64_encode_to(BytesView bytes, char* to) {
    if (has_avx2()) {
        const std::size_t done = encode_avx2(bytes.data(), bytes.size(), to);
        to += done / 3 * 4;
        bytes.remove_prefix(done);
    }
    const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t left = bytes.size();
    for (; left >= 3; left -= 3, from += 3) {
        const unsigned v = from[0] << 16 | from[1] << 8 | from[2];
        *to++ = alphabet[v >> 18];
        *to++ = alphabet[v >> 12 & 63];
        *to++ = alphabet[v >> 6 & 63];
        *to++ = alphabet[v & 63];
    }
    if (left == 0) return to;
    const unsigned v = from[0] << 16 | (left == 2 ? from[1] << 8 : 0);
    *to++ = alphabet[v >> 18];
    *to++ = alphabet[v >> 12 & 63];
    *to++ = left == 2 ? alphabet[v >> 6 & 63] : '=';
    *to++ = '=';
    return to;
}

Result<std::size_t> base64_check(std::string_view text) {
    if (text.size() % 4 != 0) return fail("base64", "the length is not a multiple of 4");
    const std::size_t padding = padding_of(text);
    const std::string_view body = text.substr(0, text.size() - padding);
    std::size_t at = has_avx2() ? check_avx2(body.data(), body.size()) : 0;
    for (; at < body.size(); ++at) {
        if (value_of(body[at]) < 0) return fail("base64", "a character outside the alphabet");
    }
    // Bits that no byte takes must be zero, else two texts would mean the same bytes.
    if (padding != 0 && (value_of(body.back()) & (padding == 1 ? 3 : 15)) != 0)
        return fail("base64", "the last character carries bits beyond the last byte");
    return text.size() / 4 * 3 - padding;
}

char* base64_decode_to(std::string_view checked, char* to) {
    const std::size_t padding = padding_of(checked);
    std::size_t at = 0;
    if (has_avx2()) {
        at = decode_avx2(checked.data(), checked.size(), to);
        to += at / 4 * 3;
    }
    const std::size_t whole = checked.size() - (padding != 0 ? 4 : 0);
    for (; at < whole; at += 4) {
        const int v = value_of(checked[at]) << 18 | value_of(checked[at + 1]) << 12 |
                      value_of(checked[at + 2]) << 6 | value_of(checked[at + 3]);
        *to++ = static_cast<char>(v >> 16);
        *to++ = static_cast<char>(v >> 8);
        *to++ = static_cast<char>(v);
    }
    if (padding == 0) return to;
    const int v = value_of(checked[at]) << 18 | value_of(checked[at + 1]) << 12 |
                  (padding == 1 ? value_of(checked[at + 2]) << 6 : 0);
    *to++ = static_cast<char>(v >> 16);
    if (padding == 1) *to++ = static_cast<char>(v >> 8);
    return to;
}

std::string base64_encode(BytesView bytes) {
    std::string out;
    base64_append(bytes, out);
    return out;
}

void base64_append(BytesView bytes, std::string& out) {
    base64_encode_to(bytes, extend(out, base64_length(bytes.size())));
}

Result<Bytes> base64_decode(std::string_view text) {
    MILL_TRY(const std::size_t size, base64_check(text));
    Bytes out;
    base64_decode_to(text, extend(out, size));
    return out;
}

}  // namespace mill
