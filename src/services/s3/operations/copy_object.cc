// SPDX-License-Identifier: Apache-2.0
// CopyObject: the bytes of another object, its description or a new one.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
#include "services/s3/copy_source.h"

namespace mill::s3 {
namespace {

constexpr std::string_view directives[] = {"COPY", "REPLACE"};
constexpr std::int64_t copy_bytes_max = 5LL * 1024 * 1024 * 1024;

struct Input {
    std::string bucket, key;
    std::optional<std::string> content_type, content_encoding, content_disposition,
        content_language, cache_control, acl, encryption, kms_key, kms_context;
    std::optional<std::string> expected_owner, tagging, metadata_directive, tagging_directive,
        checksum_algorithm, if_match, if_none_match;
    std::optional<WallTime> expires;
    std::optional<bool> bucket_key;
    Texts metadata;
    std::optional<std::string> copy_source, source_if_match, source_if_none_match, source_owner;
    std::optional<WallTime> source_if_modified_since, source_if_unmodified_since;
    static constexpr auto shape() {
        using wire::member;
        constexpr auto make = [](auto... members) {
            return object_request<Input>("CopyObjectRequest", members...);
        };
        return copy_request<Input>(
            make, bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            member<&Input::metadata_directive>("MetadataDirective")
                .one_of(directives)
                .header("x-amz-metadata-directive"),
            member<&Input::tagging_directive>("TaggingDirective")
                .one_of(directives)
                .header("x-amz-tagging-directive"),
            member<&Input::checksum_algorithm>("ChecksumAlgorithm")
                .header("x-amz-checksum-algorithm"),
            member<&Input::if_match>("IfMatch").header("If-Match"),
            member<&Input::if_none_match>("IfNoneMatch").header("If-None-Match"));
    }
};

struct CopyResult {
    std::string etag;
    WallTime last_modified;
    std::optional<std::string> crc32, crc32c, crc64nvme, sha1, sha256, checksum_type;
    static constexpr auto shape() {
        using wire::member;
        return with_checksums<CopyResult>("CopyObjectResult", member<&CopyResult::etag>("ETag"),
                                          member<&CopyResult::last_modified>("LastModified"),
                                          member<&CopyResult::checksum_type>("ChecksumType"));
    }
};

struct Output {
    CopyResult result;
    std::optional<std::string> source_version_id, version_id, encryption, kms_key, kms_context;
    std::optional<bool> bucket_key;
    static constexpr auto shape() {
        return wire::structure(
            "CopyObjectOutput", wire::member<&Output::result>("CopyObjectResult").payload(),
            wire::member<&Output::source_version_id>("CopySourceVersionId")
                .header("x-amz-copy-source-version-id"),
            told_version_member<&Output::version_id>(), encryption_member<&Output::encryption>(),
            kms_key_member<&Output::kms_key>(), kms_context_member<&Output::kms_context>(),
            bucket_key_member<&Output::bucket_key>());
    }
};

bool is_replace(const std::optional<std::string>& directive) { return directive == "REPLACE"; }

// The new object's description: the source's, or what the request says. How it is encrypted is
// never the source's.
Result<Object> description(S3& s3, const Bucket& bucket, Input& input, const Object& source,
                           bool is_same) {
    const bool replaces = is_replace(input.metadata_directive);
    if (is_same && !replaces && !is_replace(input.tagging_directive) && !input.encryption) {
        return fail("InvalidRequest",
                    "This copy request is illegal because it is trying to copy an object to itself "
                    "without changing the object's metadata, storage class, website redirect "
                    "location or encryption attributes.",
                    400);
    }
    MILL_TRY(Object said, described_object(s3, bucket, input));
    if (!is_replace(input.tagging_directive)) said.tags = source.tags;
    if (replaces) return said;
    Object object = source;
    object.tags = std::move(said.tags);
    object.encryption = std::move(said.encryption);
    object.last_modified = said.last_modified;
    object.version_id.reset();
    object.order = 0;
    object.upload.reset();
    object.part_count = 0;
    return object;
}

Task<Result<Output>> copy_object(S3& s3, Caller caller, Input input) {
    MILL_CO_TRY(const Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(const CopySource place, parse_copy_source(*input.copy_source));
    MILL_CO_CHECK(s3.bucket(caller, place.bucket, input.source_owner));
    MILL_CO_TRY(
        const Object source,
        find_copy_source(s3, place,
                         {input.source_if_match, input.source_if_none_match,
                          input.source_if_modified_since, input.source_if_unmodified_since}));
    if (source.size > copy_bytes_max)
        co_return fail("InvalidRequest",
                       "The specified copy source is larger than the maximum allowable size for a "
                       "copy source: 5368709120",
                       400);
    const bool is_same =
        place.bucket == input.bucket && place.key == input.key && !place.version_id;
    MILL_CO_TRY(Object object, description(s3, bucket, input, source, is_same));
    std::string algorithm;
    MILL_CO_TRY(algorithm, checked_algorithm(input.checksum_algorithm));
    MILL_CO_TRY(const Received received,
                co_await copy_bytes(s3, source, 0, static_cast<std::uint64_t>(source.size),
                                    sums_of_copy(source, algorithm)));
    take_content(object, received);
    MILL_CO_TRY(const Object written,
                co_await s3.put(input.bucket, input.key, std::move(object),
                                {input.if_match, input.if_none_match}, "ObjectCreated:Copy"));
    Output output{.result = {.etag = written.etag, .last_modified = written.last_modified}};
    tell_checksums(written.checksums, output.result);
    tell_encryption(written.encryption, output);
    if (!written.checksums.empty())
        output.result.checksum_type = written.checksum_type.value_or("FULL_OBJECT");
    MILL_CO_TRY(output.source_version_id, told_version(s3, place.bucket, source));
    MILL_CO_TRY(output.version_id, told_version(s3, input.bucket, written));
    co_return output;
}

}  // namespace

extern const wire::Operation copy_object_operation;
const wire::Operation copy_object_operation =
    wire::operation<&copy_object>("CopyObject", {.method = "PUT", .path = "/{Bucket}/{Key+}"});

}  // namespace mill::s3
