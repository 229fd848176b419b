// SPDX-License-Identifier: Apache-2.0
// Where CopyObject and UploadPartCopy take their bytes from.
#pragma once

#include "services/s3/body.h"
#include "services/s3/object_request.h"
#include "services/s3/read_object.h"

namespace mill::s3 {

struct CopySource {
    std::string bucket, key;
    std::optional<std::string> version_id;
    bool operator==(const CopySource&) const = default;
};
// "/bucket/key?versionId=…", percent-encoded, with or without the slash. InvalidArgument.
Result<CopySource> parse_copy_source(std::string_view header);
// The caller may read the bucket. NotModified is PreconditionFailed here.
Result<Object> find_copy_source(S3& s3, const CopySource& source, const ReadConditions& conditions);

// I has the members copy_source, source_if_match, source_if_none_match, source_if_modified_since,
// source_if_unmodified_since and source_owner; `make` takes them with the others, `own`.
template <class I, class Make, class... M>
constexpr auto copy_request(Make make, M... own) {
    using wire::member;
    return make(
        own..., member<&I::copy_source>("CopySource").required().header("x-amz-copy-source"),
        member<&I::source_if_match>("CopySourceIfMatch").header("x-amz-copy-source-if-match"),
        member<&I::source_if_none_match>("CopySourceIfNoneMatch")
            .header("x-amz-copy-source-if-none-match"),
        member<&I::source_if_modified_since>("CopySourceIfModifiedSince")
            .header("x-amz-copy-source-if-modified-since"),
        member<&I::source_if_unmodified_since>("CopySourceIfUnmodifiedSince")
            .header("x-amz-copy-source-if-unmodified-since"),
        member<&I::source_owner>("ExpectedSourceBucketOwner")
            .header("x-amz-source-expected-bucket-owner"),
        refused_header("CopySourceSSECustomerAlgorithm",
                       "x-amz-copy-source-server-side-encryption-customer-algorithm",
                       encryption_hint),
        refused_header("CopySourceSSECustomerKey",
                       "x-amz-copy-source-server-side-encryption-customer-key", encryption_hint),
        refused_header("CopySourceSSECustomerKeyMD5",
                       "x-amz-copy-source-server-side-encryption-customer-key-MD5",
                       encryption_hint));
}
// "CRC32" as our key; empty for none. NotImplemented.
Result<std::string> checked_algorithm(const std::optional<std::string>& name);
// The checksums that a copy has: the one asked for, else those of the source.
std::set<std::string> sums_of_copy(const Object& source, const std::string& algorithm);

// T has the members crc32, crc32c, crc64nvme, sha1 and sha256; `own` are its others.
template <class T, class... M>
constexpr auto with_checksums(std::string_view name, M... own) {
    using wire::member;
    return wire::structure(name, own..., member<&T::crc32>("ChecksumCRC32"),
                           member<&T::crc32c>("ChecksumCRC32C"),
                           member<&T::crc64nvme>("ChecksumCRC64NVME"),
                           member<&T::sha1>("ChecksumSHA1"), member<&T::sha256>("ChecksumSHA256"));
}
// Into these members.
template <class Answer>
void tell_checksums(const Texts& checksums, Answer& answer) {
    const auto tell = [&](const char* key, std::optional<std::string>& to) {
        const auto at = checksums.find(key);
        if (at != checksums.end()) to = at->second;
    };
    tell("crc32", answer.crc32);
    tell("crc32c", answer.crc32c);
    tell("crc64nvme", answer.crc64nvme);
    tell("sha1", answer.sha1);
    tell("sha256", answer.sha256);
}

}  // namespace mill::s3
