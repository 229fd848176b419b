// SPDX-License-Identifier: Apache-2.0
// Where an object's bytes lie: in one blob, or in those of its parts; and those bytes, one piece
// after the other.
#pragma once

#include "services/s3/s3.h"
#include "storage/blob_store.h"
#include "wire/http.h"

namespace mill::s3 {

struct Segment {
    std::string blob;
    std::uint64_t offset = 0;  // in the blob
    std::uint64_t count = 0;
    std::uint64_t blob_size = 0;
    bool is_whole() const { return offset == 0 && count == blob_size; }
};

// Those that hold the range, in order. It lies within the object. "storage.corrupt" if parts of it
// are missing.
Result<std::vector<Segment>> segments_of(const Objects& objects, const Object& object,
                                         std::uint64_t offset, std::uint64_t count);

// To a client, or to another object. The blobs stay until it goes, and the service must. Whole
// blobs are verified: "storage.corrupt" in place of their last piece, so that no damage is handed
// on as if it were whole.
class ObjectBody final : public wire::http::BodySource, public wire::http::IncomingBody {
  public:
    ObjectBody(S3& s3, std::vector<Segment> segments);
    Task<bool> next(std::string& out) override;
    Task<Result<Piece>> next() override;

  private:
    S3& s3_;
    std::vector<Segment> segments_;
    S3::Reading reading_;
    std::size_t at_ = 0;  // of segments_
    std::shared_ptr<storage::BlobReader> reader_;
    std::uint64_t done_ = 0;  // of that segment
};

}  // namespace mill::s3
