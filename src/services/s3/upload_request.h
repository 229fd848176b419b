// SPDX-License-Identifier: Apache-2.0
// What the requests about an upload share.
#pragma once

#include "services/s3/copy_source.h"
#include "services/s3/uploads.h"

namespace mill::s3 {

template <auto Pointer>
constexpr wire::Member upload_id_member() {
    return wire::member<Pointer>("UploadId").required().query("uploadId");
}
template <auto Pointer>
constexpr wire::Member part_number_member() {
    return wire::member<Pointer>("PartNumber").required().query("partNumber");
}

inline Result<void> check_part_number(std::int64_t number) {
    if (number >= 1 && number <= part_number_max) return {};
    return fail("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive",
                400);
}

inline Part part_of(std::int64_t number, Received received, WallTime now) {
    return {.number = number,
            .blob = std::move(received.blob),
            .size = received.size,
            .etag = std::move(received.etag),
            .last_modified = now,
            .checksums = std::move(received.checksums)};
}

}  // namespace mill::s3
