// SPDX-License-Identifier: Apache-2.0
// PutObject: answered once the bytes and the row that names them are on stable storage. What the
// client says of the bytes (MD5, SHA-256, checksums, decoded length) is verified first; signatures
// of chunks are not. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
#include "services/s3/checksums.h"
#include "services/s3/declarations.h"

namespace mill::s3 {
namespace {

constexpr std::string_view lock_hint = "Objects cannot be locked.";

struct Input {
    std::string bucket, key;
    std::optional<wire::Blob> body;
    std::optional<std::string> content_type, content_encoding, content_disposition,
        content_language, cache_control;
    std::optional<std::string> content_md5, content_sha256, copy_source, if_match, if_none_match;
    std::optional<std::string> expected_owner;
    std::optional<WallTime> expires;
    std::optional<std::int64_t> decoded_length;
    std::map<std::string, std::string> metadata, checksums;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "PutObjectRequest", bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            member<&Input::body>("Body").payload(),
            member<&Input::content_type>("ContentType").header("Content-Type"),
            member<&Input::content_encoding>("ContentEncoding").header("Content-Encoding"),
            member<&Input::content_disposition>("ContentDisposition").header("Content-Disposition"),
            member<&Input::content_language>("ContentLanguage").header("Content-Language"),
            member<&Input::cache_control>("CacheControl").header("Cache-Control"),
            member<&Input::content_md5>("ContentMD5").header("Content-MD5"),
            member<&Input::content_sha256>("ContentSHA256").header("X-Amz-Content-SHA256"),
            member<&Input::copy_source>("CopySource").header("x-amz-copy-source"),
            member<&Input::if_match>("IfMatch").header("If-Match"),
            member<&Input::if_none_match>("IfNoneMatch").header("If-None-Match"),
            member<&Input::decoded_length>("DecodedContentLength")
                .header("x-amz-decoded-content-length"),
            member<&Input::metadata>("Metadata").header("x-amz-meta-"),
            member<&Input::checksums>("Checksums").header("x-amz-checksum-"),
            member<&Input::expires>("Expires").header("Expires"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            refused_header("ACL", "x-amz-acl", acl_hint).unless("private"),
            refused_header("GrantFullControl", "x-amz-grant-full-control", acl_hint),
            refused_header("GrantRead", "x-amz-grant-read", acl_hint),
            refused_header("GrantReadACP", "x-amz-grant-read-acp", acl_hint),
            refused_header("GrantWriteACP", "x-amz-grant-write-acp", acl_hint),
            refused_header("ServerSideEncryption", "x-amz-server-side-encryption",
                           encryption_hint)
                .unless("AES256"),  // what AWS does unasked
            refused_header("SSECustomerAlgorithm",
                           "x-amz-server-side-encryption-customer-algorithm", encryption_hint),
            refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                           encryption_hint),
            refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                           encryption_hint),
            refused_header("SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id",
                           encryption_hint),
            refused_header("SSEKMSEncryptionContext", "x-amz-server-side-encryption-context",
                           encryption_hint),
            refused_header("BucketKeyEnabled", "x-amz-server-side-encryption-bucket-key-enabled",
                           encryption_hint),
            refused_header("StorageClass", "x-amz-storage-class", "Use STANDARD.")
                .unless("STANDARD"),
            refused_header("Tagging", "x-amz-tagging", "Put the object without tags."),
            refused_header("WebsiteRedirectLocation", "x-amz-website-redirect-location",
                           "Buckets are no web sites."),
            refused_header("WriteOffsetBytes", "x-amz-write-offset-bytes", "Put the whole object."),
            refused_header("ObjectLockMode", "x-amz-object-lock-mode", lock_hint),
            refused_header("ObjectLockRetainUntilDate", "x-amz-object-lock-retain-until-date",
                           lock_hint),
            refused_header("ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold", lock_hint)
                .unless("OFF"));
    }
};

struct Output {
    std::string etag;
    std::map<std::string, std::string> checksums;
    std::optional<std::string> checksum_type;
    static constexpr auto shape() {
        return wire::structure(
            "PutObjectOutput", wire::member<&Output::etag>("ETag").header("ETag"),
            wire::member<&Output::checksums>("Checksums").header("x-amz-checksum-"),
            wire::member<&Output::checksum_type>("ChecksumType").header("x-amz-checksum-type"));
    }
};

constexpr std::size_t key_bytes_max = 1024;
constexpr std::string_view checksum_prefix = "x-amz-checksum-";

Result<void> check_request(const Input& input) {
    if (input.copy_source)
        return fail("NotImplemented", "CopyObject is not implemented by Millrace.", 501);
    if (input.if_match || input.if_none_match.value_or("*") != "*") {
        return fail("NotImplemented", "PutObject supports no condition but If-None-Match: *.", 501);
    }
    if (input.key.size() > key_bytes_max)
        return fail("KeyTooLongError", "Your key is too long", 400);
    return {};
}

// Takes the framing off, moves checksums that came as trailers to the others.
Result<void> decode_body(Input& input) {
    Bytes& body = input.body ? input.body->bytes : input.body.emplace().bytes;
    if (!input.content_sha256 || !input.content_sha256->starts_with("STREAMING-")) return {};
    MILL_TRY(Unchunked plain, unchunk(body));
    body = std::move(plain.data);
    for (auto& [name, value] : plain.trailers) {
        if (name.starts_with(checksum_prefix))
            input.checksums[name.substr(checksum_prefix.size())] = std::move(value);
    }
    if (input.decoded_length && static_cast<std::uint64_t>(*input.decoded_length) != body.size()) {
        return fail(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
            400);
    }
    return {};
}

// "aws-chunked,gzip" is stored as "gzip".
void drop_chunked_encoding(std::optional<std::string>& encoding) {
    if (!encoding || !encoding->starts_with("aws-chunked")) return;
    const std::size_t rest =
        encoding->find_first_not_of(", ", std::string_view("aws-chunked").size());
    encoding = rest == std::string::npos ? std::nullopt : std::optional(encoding->substr(rest));
}

Result<void> verify(const Input& input, const Digest16& digest) {
    const Bytes& body = input.body->bytes;
    const std::string_view raw(reinterpret_cast<const char*>(digest.data()), digest.size());
    constexpr std::size_t sha256_digits = 64;
    if (input.content_sha256 && input.content_sha256->size() == sha256_digits &&
        *input.content_sha256 != hex(sha256(body))) {
        return fail("XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                    400);
    }
    if (input.content_md5) {
        const auto claimed = base64_decode(*input.content_md5);
        if (!claimed || claimed->size() != raw.size()) {
            return fail("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
        }
        if (*claimed != raw)
            return fail("BadDigest",
                        "The Content-MD5 you specified did not match what we received.", 400);
    }
    for (const auto& [algorithm, claimed] : input.checksums) {
        const auto computed = checksum(algorithm, body);
        if (!computed) {
            return fail("NotImplemented",
                        "Millrace does not support checksums of " + checksum_name(algorithm) +
                            " yet. Use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.",
                        501);
        }
        if (computed != claimed) {
            return fail("BadDigest",
                        "The " + checksum_name(algorithm) +
                            " you specified did not match the calculated checksum.",
                        400);
        }
    }
    return {};
}

Task<Result<Output>> put_object(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(check_request(input));
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(decode_body(input));
    // These two name a checksum and are none.
    std::erase_if(input.checksums, [](const auto& item) {
        return item.first == "algorithm" || item.first == "type";
    });
    drop_chunked_encoding(input.content_encoding);
    const Digest16 digest = md5(input.body->bytes);
    MILL_CO_CHECK(verify(input, digest));

    Object object{
        .size = static_cast<std::int64_t>(input.body->bytes.size()),
        .etag = "\"" + hex({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "\"",
        .last_modified = s3.now(),
        .content_type = std::move(input.content_type),
        .content_encoding = std::move(input.content_encoding),
        .content_disposition = std::move(input.content_disposition),
        .content_language = std::move(input.content_language),
        .cache_control = std::move(input.cache_control),
        .expires = input.expires,
        .metadata = std::move(input.metadata),
        .checksums = std::move(input.checksums)};
    MILL_CO_TRY(object.blob, co_await s3.blobs().put(std::move(input.body->bytes)));
    Output output{.etag = object.etag, .checksums = object.checksums};
    if (!output.checksums.empty()) output.checksum_type = "FULL_OBJECT";
    MILL_CO_CHECK(co_await s3.put(input.bucket, input.key, std::move(object),
                                  input.if_none_match.has_value()));
    co_return output;
}

}  // namespace

extern const wire::Operation put_object_operation;
const wire::Operation put_object_operation =
    wire::operation<&put_object>("PutObject", {.method = "PUT", .path = "/{Bucket}/{Key+}"});

}  // namespace mill::s3
