// SPDX-License-Identifier: Apache-2.0
// Shard iterators: opaque to clients, tamper-evident, and good across a restart, since all they say
// is in the text and the key of their MAC lies in the Table. A token is base64(8 bytes 00..01,
// payload, MAC); the MAC is the first half of HMAC-SHA256 over a purpose and the rest, so that a
// token of one kind is none of another.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace mill::model {

std::string seal_token(BytesView key, std::string_view purpose, BytesView payload);
// The payload; empty if the text is not a token that was sealed with this key for this purpose.
std::optional<Bytes> open_token(BytesView key, std::string_view purpose, std::string_view text);

struct ShardIterator {
    WallTime issued;
    std::string account;
    std::string region;
    std::string stream;            // its name
    std::uint64_t stream_tag = 0;  // tells a stream from a later one of the same name
    std::uint32_t shard = 0;
    std::uint64_t offset =
        0;  // the next record to read: LATEST and the others are resolved when issued
    bool operator==(const ShardIterator&) const = default;
};

std::string write_shard_iterator(BytesView key, const ShardIterator& iterator);
// InvalidArgumentException, or ExpiredIteratorException when it was issued more than five minutes
// before `now`.
Result<ShardIterator> read_shard_iterator(BytesView key, std::string_view text, WallTime now);

// "Thu Jan 22 01:22:02 UTC 2015", as Java prints a date and AWS words its messages.
std::string java_date(WallTime time);

}  // namespace mill::model
