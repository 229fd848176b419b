// SPDX-License-Identifier: Apache-2.0
// PutObject: the bytes are written while they come, and answered once the bytes and the row that
// names them are on stable storage. What the client says of the bytes (MD5, SHA-256, checksums,
// decoded length) is verified first; signatures of chunks are not.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
#include "services/s3/body.h"
#include "services/s3/object_request.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<wire::Blob> body;
    std::optional<std::string> content_type, content_encoding, content_disposition,
        content_language, cache_control, acl, encryption, kms_key, kms_context;
    std::optional<std::string> content_md5, content_sha256, if_match, if_none_match;
    std::optional<std::string> expected_owner, tagging, trailer;
    std::optional<WallTime> expires;
    std::optional<std::int64_t> content_length, decoded_length;
    std::optional<bool> bucket_key;
    Texts metadata, checksums;
    static constexpr auto shape() {
        using wire::member;
        return object_request<Input>(
            "PutObjectRequest", bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            member<&Input::body>("Body").payload(),
            member<&Input::content_md5>("ContentMD5").header("Content-MD5"),
            member<&Input::content_sha256>("ContentSHA256").header("X-Amz-Content-SHA256"),
            member<&Input::if_match>("IfMatch").header("If-Match"),
            member<&Input::if_none_match>("IfNoneMatch").header("If-None-Match"),
            member<&Input::content_length>("ContentLength").header("Content-Length"),
            member<&Input::decoded_length>("DecodedContentLength")
                .header("x-amz-decoded-content-length"),
            member<&Input::trailer>("Trailer").header("x-amz-trailer"),
            member<&Input::checksums>("Checksums").header("x-amz-checksum-"),
            refused_header("WriteOffsetBytes", "x-amz-write-offset-bytes",
                           "Put the whole object."));
    }
};

struct Output {
    std::string etag;
    Texts checksums;
    std::optional<std::string> checksum_type, version_id, encryption, kms_key, kms_context;
    std::optional<bool> bucket_key;
    static constexpr auto shape() {
        return wire::structure(
            "PutObjectOutput", wire::member<&Output::etag>("ETag").header("ETag"),
            wire::member<&Output::checksums>("Checksums").header("x-amz-checksum-"),
            wire::member<&Output::checksum_type>("ChecksumType").header("x-amz-checksum-type"),
            told_version_member<&Output::version_id>(), encryption_member<&Output::encryption>(),
            kms_key_member<&Output::kms_key>(), kms_context_member<&Output::kms_context>(),
            bucket_key_member<&Output::bucket_key>());
    }
};

Task<Result<Output>> put_object(S3& s3, Caller caller, Input input,
                                wire::http::IncomingBody& body) {
    MILL_CO_TRY(const Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    if (input.if_none_match.value_or("*") != "*")
        co_return fail("NotImplemented", "If-None-Match takes \"*\" only.", 501);
    MILL_CO_TRY(Object object, described_object(s3, bucket, input));
    MILL_CO_TRY(const Received received, co_await receive(s3, body, claims_of(input)));
    take_content(object, received);
    Output output{.etag = object.etag, .checksums = object.checksums};
    tell_encryption(object.encryption, output);
    if (!output.checksums.empty()) output.checksum_type = "FULL_OBJECT";
    MILL_CO_TRY(const Object written,
                co_await s3.put(input.bucket, input.key, std::move(object),
                                {input.if_match, input.if_none_match}, "ObjectCreated:Put"));
    MILL_CO_TRY(output.version_id, told_version(s3, input.bucket, written));
    co_return output;
}

}  // namespace

extern const wire::Operation put_object_operation;
const wire::Operation put_object_operation = wire::streamed_operation<&put_object>(
    "PutObject", {.method = "PUT", .path = "/{Bucket}/{Key+}"});
extern const wire::StreamedOperation put_object_streamed;
const wire::StreamedOperation put_object_streamed =
    wire::streamed<&put_object>(put_object_operation);

}  // namespace mill::s3
