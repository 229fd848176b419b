// SPDX-License-Identifier: Apache-2.0
// UploadPartCopy: a part that is another object, or a range of it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
#include <fmt/format.h>

#include "services/s3/upload_request.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> upload_id, expected_owner, copy_source, range, source_if_match,
        source_if_none_match, source_owner;
    std::optional<std::int64_t> part_number;
    std::optional<WallTime> source_if_modified_since, source_if_unmodified_since;
    static constexpr auto shape() {
        using wire::member;
        constexpr auto make = [](auto... members) {
            return wire::structure("UploadPartCopyRequest", members...);
        };
        return copy_request<Input>(
            make, bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            upload_id_member<&Input::upload_id>(), part_number_member<&Input::part_number>(),
            member<&Input::range>("CopySourceRange").header("x-amz-copy-source-range"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            refused_header("SSECustomerAlgorithm",
                           "x-amz-server-side-encryption-customer-algorithm", encryption_hint),
            refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                           encryption_hint),
            refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                           encryption_hint));
    }
};

struct PartResult {
    std::string etag;
    WallTime last_modified;
    std::optional<std::string> crc32, crc32c, crc64nvme, sha1, sha256;
    static constexpr auto shape() {
        using wire::member;
        return with_checksums<PartResult>("CopyPartResult", member<&PartResult::etag>("ETag"),
                                          member<&PartResult::last_modified>("LastModified"));
    }
};

struct Output {
    PartResult result;
    std::optional<std::string> source_version_id, encryption, kms_key;
    std::optional<bool> bucket_key;
    static constexpr auto shape() {
        return wire::structure(
            "UploadPartCopyOutput", wire::member<&Output::result>("CopyPartResult").payload(),
            wire::member<&Output::source_version_id>("CopySourceVersionId")
                .header("x-amz-copy-source-version-id"),
            encryption_member<&Output::encryption>(), kms_key_member<&Output::kms_key>(),
            bucket_key_member<&Output::bucket_key>());
    }
};

// All, or exactly the range: one that goes beyond the end is an error here.
Result<ByteRange> range_of(const Input& input, const Object& source) {
    const auto size = static_cast<std::uint64_t>(source.size);
    if (!input.range) return ByteRange{0, size};
    MILL_TRY(const auto range, parse_range(*input.range, size));
    const auto text = [](const ByteRange& told) {
        return fmt::format("bytes={}-{}", told.offset, told.offset + told.count - 1);
    };
    if (range && *input.range == text(*range)) return *range;
    return fail("InvalidArgument",
                "The x-amz-copy-source-range value must be of the form bytes=first-last where "
                "first and last are the zero-based offsets of the first and last bytes to copy",
                400);
}

Task<Result<Output>> upload_part_copy(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(check_part_number(*input.part_number));
    MILL_CO_TRY(Upload upload, find_upload(s3, input.bucket, input.key, *input.upload_id));
    MILL_CO_TRY(const CopySource place, parse_copy_source(*input.copy_source));
    MILL_CO_CHECK(s3.bucket(caller, place.bucket, input.source_owner));
    MILL_CO_TRY(
        const Object source,
        find_copy_source(s3, place,
                         {input.source_if_match, input.source_if_none_match,
                          input.source_if_modified_since, input.source_if_unmodified_since}));
    MILL_CO_TRY(const ByteRange range, range_of(input, source));
    std::set<std::string> computed;
    if (upload.algorithm) computed.insert(*upload.algorithm);
    MILL_CO_TRY(Received received,
                co_await copy_bytes(s3, source, range.offset, range.count, std::move(computed)));
    Part part = part_of(*input.part_number, std::move(received), s3.now());
    Output output{.result = {.etag = part.etag, .last_modified = part.last_modified}};
    tell_checksums(part.checksums, output.result);
    tell_encryption(upload.described.encryption, output);
    MILL_CO_TRY(output.source_version_id, told_version(s3, place.bucket, source));
    MILL_CO_CHECK(co_await put_part(s3, input.bucket, std::move(upload), std::move(part)));
    co_return output;
}

}  // namespace

extern const wire::Operation upload_part_copy_operation;
const wire::Operation upload_part_copy_operation = wire::operation<&upload_part_copy>(
    "UploadPartCopy", {.method = "PUT", .path = "/{Bucket}/{Key+}"});

}  // namespace mill::s3
