// SPDX-License-Identifier: Apache-2.0
// The bytes of an object or of a part on their way in: framing taken off, verified, stored.
#pragma once

#include <set>

#include "services/s3/checksums.h"
#include "services/s3/s3.h"
#include "wire/streamed.h"

namespace mill::s3 {

// What is said of bytes that come.
struct BodyClaims {
    std::optional<std::string> content_md5, content_sha256;
    std::optional<std::int64_t> content_length;
    std::optional<std::int64_t> decoded_length;  // of what is framed
    Texts checksums;                             // "crc32": base64
    std::set<std::string> computed;              // checksums that are to be there in any case
};

// The checksum that a trailer will tell: "crc32" for "x-amz-checksum-crc32".
std::set<std::string> announced(const std::optional<std::string>& trailer);

// Of an input that has these members.
template <class I>
BodyClaims claims_of(I& input) {
    return {.content_md5 = std::move(input.content_md5),
            .content_sha256 = std::move(input.content_sha256),
            .content_length = input.content_length,
            .decoded_length = input.decoded_length,
            .checksums = std::move(input.checksums),
            .computed = announced(input.trailer)};
}

struct Received {
    std::string blob;  // durable
    std::int64_t size = 0;
    std::string etag;  // with quotes
    Texts checksums;
};

// Takes bytes piece by piece; memory does not grow with them. Blocks: it is used aside, by one
// thread at a time.
class Intake {
  public:
    // `random` names the blob: BlobFile.
    Intake(Machine& machine, const std::string& directory, std::string random, BodyClaims claims);
    Result<void> take(BytesView piece);
    // IncompleteBody, BadDigest, InvalidDigest, XAmzContentSHA256Mismatch, NotImplemented for a
    // checksum that is not known: then nothing stays.
    Result<Received> finish();

  private:
    Result<void> take_data(BytesView data);
    Result<void> compare();

    BodyClaims claims_;
    storage::BlobFile file_;
    std::optional<Unchunker> unchunker_;
    std::optional<Digest> raw_sha256_;  // where the client signed one
    Digest md5_{Digest::Kind::md5};
    std::vector<Checksum> sums_;
    Received received_;
    Result<void> failed_;
};

// While the bytes come: the next piece is awaited while the one before is written, no more. What
// the client says of them holds when it is there. EntityTooLarge; IncompleteBody if they end early.
Task<Result<Received>> receive(S3& s3, wire::http::IncomingBody& body, BodyClaims claims);
// The same of bytes that are already here. The range lies within the object. "storage.corrupt", so
// that no damage gets a good name; of a blob only a part is read of, nobody knows.
Task<Result<Received>> copy_bytes(S3& s3, Object source, std::uint64_t offset, std::uint64_t count,
                                  std::set<std::string> computed);

void take_content(Object& object, const Received& received);

// With quotes.
std::string etag_of(BytesView md5);

}  // namespace mill::s3
