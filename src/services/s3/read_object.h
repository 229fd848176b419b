// SPDX-License-Identifier: Apache-2.0
// What GetObject and HeadObject share: conditions, ranges and the headers of an object.
#pragma once

#include "services/s3/declarations.h"
#include "services/s3/object_request.h"

namespace mill::s3 {

inline constexpr std::string_view checksum_modes[] = {"ENABLED"};

// Of a read, or of the source of a copy.
struct ReadConditions {
    std::optional<std::string> if_match, if_none_match;
    std::optional<WallTime> if_modified_since, if_unmodified_since;
};
// PreconditionFailed; NotModified (304).
Result<void> check_read(const ReadConditions& conditions, const Object& object);

struct ReadObjectInput {
    std::string bucket, key;
    std::optional<std::string> range, if_match, if_none_match, checksum_mode, expected_owner,
        version_id;
    std::optional<std::int64_t> part_number;
    std::optional<WallTime> if_modified_since, if_unmodified_since;
    // Shown instead of the object's own.
    std::optional<std::string> content_type, content_encoding, content_disposition,
        content_language, cache_control;
    std::optional<WallTime> expires;
    static constexpr auto shape() {
        using I = ReadObjectInput;
        using wire::member;
        return wire::structure(
            "GetObjectRequest", bucket_member<&I::bucket>(), key_member<&I::key>(),
            member<&I::range>("Range").header("Range"),
            member<&I::if_match>("IfMatch").header("If-Match"),
            member<&I::if_none_match>("IfNoneMatch").header("If-None-Match"),
            member<&I::if_modified_since>("IfModifiedSince").header("If-Modified-Since"),
            member<&I::if_unmodified_since>("IfUnmodifiedSince").header("If-Unmodified-Since"),
            member<&I::checksum_mode>("ChecksumMode")
                .one_of(checksum_modes)
                .header("x-amz-checksum-mode"),
            expected_owner_member<&I::expected_owner>(),
            member<&I::content_type>("ResponseContentType").query("response-content-type"),
            member<&I::content_encoding>("ResponseContentEncoding")
                .query("response-content-encoding"),
            member<&I::content_disposition>("ResponseContentDisposition")
                .query("response-content-disposition"),
            member<&I::content_language>("ResponseContentLanguage")
                .query("response-content-language"),
            member<&I::cache_control>("ResponseCacheControl").query("response-cache-control"),
            member<&I::expires>("ResponseExpires").query("response-expires"),
            version_id_member<&I::version_id>(),
            member<&I::part_number>("PartNumber").query("partNumber"), request_payer_member(),
            refused_header("SSECustomerAlgorithm",
                           "x-amz-server-side-encryption-customer-algorithm", encryption_hint),
            refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                           encryption_hint),
            refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                           encryption_hint));
    }
};

struct ReadObjectOutput {
    std::optional<wire::OutgoingBody> body;
    std::int64_t status = 200;
    std::int64_t content_length = 0;
    std::string etag;
    WallTime last_modified;
    std::string accept_ranges = "bytes";
    std::string content_type = "binary/octet-stream";
    std::optional<std::string> content_range, content_encoding, content_disposition,
        content_language, cache_control, checksum_type, version_id, encryption, kms_key;
    std::optional<bool> bucket_key;
    std::optional<std::int64_t> tag_count, parts_count;
    std::optional<WallTime> expires;
    Texts metadata, checksums;
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
            member<&O::expires>("Expires").header("Expires"),
            member<&O::checksum_type>("ChecksumType").header("x-amz-checksum-type"),
            member<&O::metadata>("Metadata").header("x-amz-meta-"),
            member<&O::checksums>("Checksums").header("x-amz-checksum-"),
            told_version_member<&O::version_id>(), encryption_member<&O::encryption>(),
            kms_key_member<&O::kms_key>(), bucket_key_member<&O::bucket_key>(),
            member<&O::tag_count>("TagCount").header("x-amz-tagging-count"),
            member<&O::parts_count>("PartsCount").header("x-amz-mp-parts-count"));
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
