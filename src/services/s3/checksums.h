// SPDX-License-Identifier: Apache-2.0
// The checksums that clients send with an object, and the aws-chunked framing that may carry them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace mill::s3 {

// Both continue from what came before.
std::uint32_t crc32(BytesView bytes, std::uint32_t before = 0);  // IEEE 802.3
std::uint64_t crc64_nvme(BytesView bytes, std::uint64_t before = 0);

// One of "crc32", "crc32c", "crc64nvme", "sha1" and "sha256", of bytes that come in pieces.
class Checksum {
  public:
    static bool is_known(std::string_view algorithm);
    explicit Checksum(std::string algorithm);  // a known one
    const std::string& algorithm() const { return algorithm_; }
    void add(BytesView bytes);
    Bytes raw();  // once

  private:
    std::string algorithm_;
    std::uint64_t crc_ = 0;
    std::optional<Digest> digest_;
};
// In base64; of a known algorithm.
std::string checksum(std::string_view algorithm, BytesView bytes);

// Of two texts one after the other: from the checksum of the first and that of the second, `raw`,
// which is `bytes` long. Of a CRC. https://github.com/madler/zlib (crc32_combine)
std::uint64_t combined_crc(std::string_view algorithm, std::uint64_t first, BytesView raw,
                           std::uint64_t bytes);
std::string crc_text(std::string_view algorithm, std::uint64_t crc);  // in base64
bool is_crc(std::string_view algorithm);

// As the API writes it: "CRC32C", and back.
std::string checksum_name(std::string algorithm);
std::string checksum_key(std::string name);
// NotImplemented: Millrace does not know the algorithm, which the key names.
Failure unknown_checksum(const std::string& algorithm);

// IncompleteBody: the bytes end before they should.
Failure incomplete_body();
// MalformedTrailerError: what follows the bytes is not what was announced.
Failure malformed_trailer();

// Takes the framing off a body of Content-Encoding aws-chunked. Signatures of chunks are not
// verified. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
class Unchunker {
  public:
    // What of the piece is data, view by view. IncompleteBody for what is no chunk,
    // MalformedTrailerError for more trailers than anybody sends.
    Result<std::vector<BytesView>> take(BytesView piece);
    Result<void> finish() const;  // IncompleteBody if the last chunk has not come
    const std::map<std::string, std::string>& trailers() const { return trailers_; }

  private:
    enum class Phase : std::uint8_t { size, data, data_end, trailers };
    std::optional<std::string> take_line(BytesView& piece);
    Result<void> take_size(const std::string& line);
    void take_trailer(std::string_view line);

    Phase phase_ = Phase::size;
    std::uint64_t left_ = 0;                       // of the chunk
    std::string line_;                             // so far
    std::map<std::string, std::string> trailers_;  // names in lower case
};

}  // namespace mill::s3
