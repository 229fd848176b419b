// SPDX-License-Identifier: Apache-2.0
// The checksums that clients send with an object, and the aws-chunked framing that may carry them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mill::s3 {

std::uint32_t crc32(BytesView bytes);  // IEEE 802.3
std::uint64_t crc64_nvme(BytesView bytes);

// Base64 of "crc32", "crc32c", "crc64nvme", "sha1" or "sha256"; empty for another name.
std::optional<std::string> checksum(std::string_view algorithm, BytesView bytes);

// As the API writes it: "CRC32C".
std::string checksum_name(std::string algorithm);

struct Unchunked {
    Bytes data;
    std::map<std::string, std::string> trailers;  // names in lower case
};
// Takes the framing off a body of Content-Encoding aws-chunked. Signatures of chunks are not
// verified. IncompleteBody. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
Result<Unchunked> unchunk(BytesView body);

}  // namespace mill::s3
