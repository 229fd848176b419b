// SPDX-License-Identifier: Apache-2.0
#include "services/s3/content.h"

#include <algorithm>

#include "services/s3/s3.h"

namespace mill::s3 {

Result<std::vector<Segment>> segments_of(const Objects& objects, const Object& object,
                                         std::uint64_t offset, std::uint64_t count) {
    const auto size = static_cast<std::uint64_t>(object.size);
    if (!object.upload) return std::vector<Segment>{{object.blob, offset, count, size}};
    MILL_TRY(const auto parts, objects.parts(*object.upload));
    std::vector<Segment> segments;
    std::uint64_t begin = 0;
    for (const Part& part : parts) {
        const auto part_size = static_cast<std::uint64_t>(part.size);
        const std::uint64_t from = std::max(begin, offset);
        const std::uint64_t to = std::min(begin + part_size, offset + count);
        if (from < to) segments.push_back({part.blob, from - begin, to - from, part_size});
        begin += part_size;
    }
    return segments;
}

std::vector<std::string> blobs_of(const std::vector<Segment>& segments) {
    std::vector<std::string> blobs;
    for (const Segment& segment : segments) blobs.push_back(segment.blob);
    return blobs;
}

Task<Result<Bytes>> S3::read(Object object, std::uint64_t offset, std::uint64_t count) {
    MILL_CO_TRY(const auto segments, segments_of(objects_, object, offset, count));
    const Reading reading(*this, blobs_of(segments));
    Bytes bytes;
    for (const Segment& segment : segments) {
        auto piece = segment.is_whole()
                         ? co_await blobs_.get(segment.blob)
                         : co_await blobs_.get(segment.blob, segment.offset,
                                               static_cast<std::size_t>(segment.count));
        if (!piece) co_return piece;
        if (piece->size() != segment.count)
            co_return fail("storage.corrupt", blobs_.directory() + "/" + segment.blob +
                                                  ": it has another size than its object says");
        if (segments.size() == 1) co_return piece;
        bytes += *piece;
    }
    co_return bytes;
}

}  // namespace mill::s3
