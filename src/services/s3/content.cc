// SPDX-License-Identifier: Apache-2.0
#include "services/s3/content.h"

#include <algorithm>

namespace mill::s3 {
namespace {

constexpr std::size_t piece_bytes = 1024 * 1024;

std::vector<std::string> blobs_of(const std::vector<Segment>& segments) {
    std::vector<std::string> blobs;
    for (const Segment& segment : segments) blobs.push_back(segment.blob);
    return blobs;
}

}  // namespace

Result<std::vector<Segment>> segments_of(const Objects& objects, const Object& object,
                                         std::uint64_t offset, std::uint64_t count) {
    const auto size = static_cast<std::uint64_t>(object.size);
    if (!object.upload) return std::vector<Segment>{{object.blob, offset, count, size}};
    MILL_TRY(const auto parts, objects.parts_in(*object.upload, offset, count));
    std::vector<Segment> segments;
    std::uint64_t left = count;
    for (const Part& part : parts) {
        const auto begin = static_cast<std::uint64_t>(part.begin);
        const auto part_size = static_cast<std::uint64_t>(part.size);
        const std::uint64_t from = std::max(begin, offset);
        const std::uint64_t to = std::min(begin + part_size, offset + count);
        if (from >= to) continue;
        segments.push_back({part.blob, from - begin, to - from, part_size});
        left -= to - from;
    }
    if (left == 0) return segments;
    return fail("storage.corrupt", "upload " + *object.upload + " has lost parts of an object of " +
                                       std::to_string(object.size) + " bytes");
}

ObjectBody::ObjectBody(S3& s3, std::vector<Segment> segments)
    : s3_(s3), segments_(std::move(segments)), reading_(s3, blobs_of(segments_)) {}

Task<Result<wire::http::IncomingBody::Piece>> ObjectBody::next() {
    if (at_ == segments_.size()) co_return Piece{{}, true};
    const Segment& segment = segments_[at_];
    if (!reader_) {
        reader_ = std::make_shared<storage::BlobReader>(
            s3_.machine().files, s3_.blobs().directory(), segment.blob, segment.offset,
            segment.count, segment.is_whole());
    }
    auto result = std::make_shared<Result<Bytes>>();
    co_await machine::offload(s3_.machine().executor,
                              [result, reader = reader_] { *result = reader->next(piece_bytes); });
    MILL_CO_CHECK(*result);
    done_ += (*result)->size();
    if (done_ == segment.count) {
        reader_.reset();
        done_ = 0;
        ++at_;
    }
    co_return Piece{*std::move(*result), at_ == segments_.size()};
}

Task<bool> ObjectBody::next(std::string& out) {
    if (at_ == segments_.size()) co_return false;
    auto piece = co_await next();
    if (!piece) {
        s3_.machine().log.error("s3.read_failed", {{"message", piece.error().message}});
        co_return false;
    }
    if (out.empty()) {
        out = std::move(piece->bytes);
    } else {
        out += piece->bytes;
    }
    co_return true;
}

Task<Result<Bytes>> S3::read(Object object, std::uint64_t offset, std::uint64_t count) {
    MILL_CO_TRY(auto segments, segments_of(objects_, object, offset, count));
    ObjectBody body(*this, std::move(segments));
    Bytes bytes;
    while (true) {
        MILL_CO_TRY(auto piece, co_await body.next());
        if (piece.is_last && bytes.empty()) co_return std::move(piece.bytes);
        if (bytes.empty()) bytes.reserve(count);
        bytes += piece.bytes;
        if (piece.is_last) co_return bytes;
    }
}

}  // namespace mill::s3
