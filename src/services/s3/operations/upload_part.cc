// SPDX-License-Identifier: Apache-2.0
// UploadPart: answered once the part is on stable storage.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
#include "services/s3/upload_request.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> upload_id, expected_owner, content_md5, content_sha256, trailer;
    std::optional<std::int64_t> part_number, content_length, decoded_length;
    std::optional<wire::Blob> body;
    Texts checksums;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "UploadPartRequest", bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            upload_id_member<&Input::upload_id>(), part_number_member<&Input::part_number>(),
            member<&Input::body>("Body").payload(),
            member<&Input::content_md5>("ContentMD5").header("Content-MD5"),
            member<&Input::content_sha256>("ContentSHA256").header("X-Amz-Content-SHA256"),
            member<&Input::content_length>("ContentLength").header("Content-Length"),
            member<&Input::decoded_length>("DecodedContentLength")
                .header("x-amz-decoded-content-length"),
            member<&Input::trailer>("Trailer").header("x-amz-trailer"),
            member<&Input::checksums>("Checksums").header("x-amz-checksum-"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            refused_header("SSECustomerAlgorithm",
                           "x-amz-server-side-encryption-customer-algorithm", encryption_hint),
            refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                           encryption_hint),
            refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                           encryption_hint));
    }
};

struct Output {
    std::string etag;
    Texts checksums;
    std::optional<std::string> encryption, kms_key;
    std::optional<bool> bucket_key;
    static constexpr auto shape() {
        return wire::structure(
            "UploadPartOutput", wire::member<&Output::etag>("ETag").header("ETag"),
            wire::member<&Output::checksums>("Checksums").header("x-amz-checksum-"),
            encryption_member<&Output::encryption>(), kms_key_member<&Output::kms_key>(),
            bucket_key_member<&Output::bucket_key>());
    }
};

Task<Result<Output>> upload_part(S3& s3, Caller caller, Input input,
                                 wire::http::IncomingBody& body) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(check_part_number(*input.part_number));
    MILL_CO_TRY(Upload upload, find_upload(s3, input.bucket, input.key, *input.upload_id));
    BodyClaims claims = claims_of(input);
    if (upload.algorithm) claims.computed.insert(*upload.algorithm);
    MILL_CO_TRY(Received received, co_await receive(s3, body, std::move(claims)));
    Part part = part_of(*input.part_number, std::move(received), s3.now());
    Output output{.etag = part.etag, .checksums = part.checksums};
    tell_encryption(upload.described.encryption, output);
    MILL_CO_CHECK(co_await put_part(s3, input.bucket, std::move(upload), std::move(part)));
    co_return output;
}

}  // namespace

extern const wire::Operation upload_part_operation;
const wire::Operation upload_part_operation = wire::streamed_operation<&upload_part>(
    "UploadPart", {.method = "PUT", .path = "/{Bucket}/{Key+}"});
extern const wire::StreamedOperation upload_part_streamed;
const wire::StreamedOperation upload_part_streamed =
    wire::streamed<&upload_part>(upload_part_operation);

}  // namespace mill::s3
