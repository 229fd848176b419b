// SPDX-License-Identifier: Apache-2.0
// What GetObject and HeadObject share: conditions, ranges and the headers of an object.
#pragma once

#include "services/s3/s3.h"

namespace mill::s3 {

struct ReadObjectInput {
    std::string bucket, key;
    std::optional<std::string> range, if_match, if_none_match, checksum_mode;
    static constexpr auto shape() {
        using I = ReadObjectInput;
        using wire::member;
        return wire::structure(
            "GetObjectRequest", member<&I::bucket>("Bucket").uri(), member<&I::key>("Key").uri(),
            member<&I::range>("Range").header("Range"),
            member<&I::if_match>("IfMatch").header("If-Match"),
            member<&I::if_none_match>("IfNoneMatch").header("If-None-Match"),
            member<&I::checksum_mode>("ChecksumMode").header("x-amz-checksum-mode"));
    }
};

struct ReadObjectOutput {
    std::optional<wire::Blob> body;
    std::int64_t status = 200;
    std::int64_t content_length = 0;
    std::string etag;
    WallTime last_modified;
    std::string accept_ranges = "bytes";
    std::string content_type = "binary/octet-stream";
    std::optional<std::string> content_range, content_encoding, content_disposition,
        content_language, cache_control;
    std::map<std::string, std::string> metadata, checksums;
    static constexpr auto shape() {
        using O = ReadObjectOutput;
        using wire::member;
        return wire::structure(
            "GetObjectOutput", member<&O::body>("Body").payload(),
            member<&O::status>("StatusCode").status(),
            member<&O::content_length>("ContentLength").header("Content-Length"),
            member<&O::etag>("ETag").header("ETag"),
            member<&O::last_modified>("LastModified").header("Last-Modified"),
            member<&O::accept_ranges>("AcceptRanges").header("Accept-Ranges"),
            member<&O::content_type>("ContentType").header("Content-Type"),
            member<&O::content_range>("ContentRange").header("Content-Range"),
            member<&O::content_encoding>("ContentEncoding").header("Content-Encoding"),
            member<&O::content_disposition>("ContentDisposition").header("Content-Disposition"),
            member<&O::content_language>("ContentLanguage").header("Content-Language"),
            member<&O::cache_control>("CacheControl").header("Cache-Control"),
            member<&O::metadata>("Metadata").header("x-amz-meta-"),
            member<&O::checksums>("Checksums").header("x-amz-checksum-"));
    }
};

// A part of an object: `offset` and `count` lie within it.
struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t count = 0;
    bool operator==(const ByteRange&) const = default;
};
// Empty: the header does not hold one byte range, and is ignored. InvalidRange (416): it lies
// outside.
Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size);

Task<Result<ReadObjectOutput>> read_object(S3& s3, Caller caller, ReadObjectInput input,
                                           bool with_bytes);

}  // namespace mill::s3
