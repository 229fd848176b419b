// SPDX-License-Identifier: Apache-2.0
// Where an object's bytes lie: in one blob, or in those of its parts.
#pragma once

#include "services/s3/objects.h"

namespace mill::s3 {

struct Segment {
    std::string blob;
    std::uint64_t offset = 0;  // in the blob
    std::uint64_t count = 0;
    std::uint64_t blob_size = 0;
    bool is_whole() const { return offset == 0 && count == blob_size; }
};

// Those that hold the range, in order. It lies within the object.
Result<std::vector<Segment>> segments_of(const Objects& objects, const Object& object,
                                         std::uint64_t offset, std::uint64_t count);

std::vector<std::string> blobs_of(const std::vector<Segment>& segments);

}  // namespace mill::s3
