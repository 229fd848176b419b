// SPDX-License-Identifier: Apache-2.0
// Hash keys and the shards that own them. A partition key's hash key is the MD5 of its UTF-8 bytes,
// read as a big-endian 128-bit number; each shard owns an inclusive range of them.
// https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html#partition-key
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mill::model {

using HashKey = unsigned __int128;

constexpr HashKey hash_key_max = ~HashKey{0};

struct HashRange {
    HashKey first = 0;
    HashKey last = hash_key_max;
    bool contains(HashKey key) const { return first <= key && key <= last; }
    bool operator==(const HashRange&) const = default;
};

std::string decimal(HashKey key);
// Empty unless the text is `0|([1-9]\d{0,38})` and at most 2^128-1.
std::optional<HashKey> parse_hash_key(std::string_view text);

HashKey hash_key_of(std::string_view partition_key);
// Of many, to where `to` has room for them; cheaper than one by one.
void hash_keys_of(std::span<const std::string_view> partition_keys, HashKey* to);

// Range `index` of `count` for a new stream: all of one width, the last one takes the rest.
HashRange initial_range(std::uint32_t index, std::uint32_t count);

// The position of the range that holds `key`. Ranges are sorted, without gap or overlap, and cover
// every key.
std::size_t owning_shard(std::span<const HashRange> ranges, HashKey key);

}  // namespace mill::model
