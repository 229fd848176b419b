// SPDX-License-Identifier: Apache-2.0
#include "model/hash_range.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"

namespace mill::model {

std::string decimal(HashKey key) {
    // Dividing 128 bits costs many times what 64 bits do: once for 19 digits.
    constexpr std::uint64_t chunk = 10'000'000'000'000'000'000ULL;
    constexpr int chunk_digits = 19;
    char text[39];
    char* at = text + sizeof(text);
    while (key >= chunk) {
        auto low = static_cast<std::uint64_t>(key % chunk);
        key /= chunk;
        for (int i = 0; i < chunk_digits; ++i, low /= 10) *--at = static_cast<char>('0' + low % 10);
    }
    auto rest = static_cast<std::uint64_t>(key);
    do {
        *--at = static_cast<char>('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    return std::string(at, text + sizeof(text));
}

std::optional<HashKey> parse_hash_key(std::string_view text) {
    constexpr std::size_t digits_max = 39;
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    if (text.front() == '0' && text.size() > 1) return std::nullopt;
    HashKey key = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<unsigned>(c - '0');
        if (key > (hash_key_max - digit) / 10) return std::nullopt;
        key = key * 10 + digit;
    }
    return key;
}

namespace {

HashKey big_endian(const Digest16& digest) {
    HashKey key = 0;
    for (const unsigned char byte : digest) key = key << 8 | byte;
    return key;
}

}  // namespace

HashKey hash_key_of(std::string_view partition_key) { return big_endian(md5(partition_key)); }

void hash_keys_of(std::span<const std::string_view> partition_keys, HashKey* to) {
    std::vector<Digest16> digests(partition_keys.size());
    md5(partition_keys, digests.data());
    std::ranges::transform(digests, to, big_endian);
}

HashRange initial_range(std::uint32_t index, std::uint32_t count) {
    MILL_ASSERT(index < count);
    if (count == 1) return {};
    // 2^128 / count, rounded down, without a number that holds 2^128.
    HashKey width = hash_key_max / count;
    if (hash_key_max % count == count - 1) ++width;
    const HashKey first = width * index;
    return {first, index + 1 == count ? hash_key_max : first + width - 1};
}

std::size_t owning_shard(std::span<const HashRange> ranges, HashKey key) {
    // Where it is if all are of one width: no search through a thousand.
    const auto high = static_cast<std::uint64_t>(key >> 64);
    const auto likely = static_cast<std::size_t>((HashKey{high} * ranges.size()) >> 64);
    if (ranges[likely].contains(key)) return likely;
    const auto after = std::ranges::upper_bound(ranges, key, {}, &HashRange::first);
    MILL_ASSERT(after != ranges.begin());
    const auto owner = static_cast<std::size_t>(after - ranges.begin()) - 1;
    MILL_ASSERT(ranges[owner].contains(key));
    return owner;
}

}  // namespace mill::model
