// SPDX-License-Identifier: Apache-2.0
// What PutRecord and PutRecords check of a record beyond its shape.
#pragma once

#include <fmt/format.h>

#include "base/extend.h"
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {

inline Result<void> check_explicit_hash_key(std::optional<std::string_view> key) {
    if (!key || model::parse_hash_key(*key)) return {};
    return invalid_argument(
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified "
        "value was " +
        std::string(*key));
}

// Of one that check_explicit_hash_key() has accepted.
inline model::HashKey hash_key_of(std::string_view partition_key,
                                  std::optional<std::string_view> explicit_hash_key) {
    return explicit_hash_key ? *model::parse_hash_key(*explicit_hash_key)
                             : model::hash_key_of(partition_key);
}

// Copies a record that the request's text holds behind what is in `kept`, and turns to the copy.
// Copies made before stay where they are as long as `kept` has room.
inline void keep_record(std::optional<std::string_view>& partition_key,
                        std::optional<wire::BlobView>& data, Bytes& kept) {
    const std::size_t key_bytes = partition_key->size(), data_bytes = data->size();
    char* key = extend(kept, key_bytes + data_bytes);
    partition_key->copy(key, key_bytes);
    data->copy_to(key + key_bytes);
    partition_key = std::string_view(key, key_bytes);
    data = wire::BlobView(BytesView(key + key_bytes, data_bytes));
}

// `path`: where the data stands in the request, as validation errors name it.
inline Result<void> check_size(const StreamRow& stream, std::size_t key_bytes,
                               std::size_t data_bytes, std::string_view path) {
    const auto bytes_max = static_cast<std::size_t>(stream.record_kib_max) * 1024;
    if (key_bytes + data_bytes <= bytes_max) return {};
    // The data alone may fit; then the constraint alone would explain nothing.
    const std::string counted =
        data_bytes > bytes_max
            ? ""
            : fmt::format(" (the partition key counts: {} bytes together)", key_bytes + data_bytes);
    return fail(
        "ValidationException",
        fmt::format(
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]' "
            "at '{1}' "
            "failed to satisfy constraint: Member must have length less than or equal to {2}{3}",
            data_bytes, path, bytes_max, counted),
        400);
}

}  // namespace mill::kinesis
