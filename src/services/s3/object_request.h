// SPDX-License-Identifier: Apache-2.0
// What the requests that make an object share: PutObject, CopyObject, CreateMultipartUpload.
#pragma once

#include "services/s3/object_encryption.h"

namespace mill::s3 {

inline constexpr std::string_view lock_hint = "Objects cannot be locked.";

// I has the members content_type, content_encoding, content_disposition, content_language,
// cache_control, expires, metadata, tagging, acl, encryption, kms_key, kms_context, bucket_key
// and expected_owner; `own` are its others.
template <class I, class... M>
constexpr auto object_request(std::string_view name, M... own) {
    using wire::member;
    return wire::structure(
        name, own..., member<&I::content_type>("ContentType").header("Content-Type"),
        member<&I::content_encoding>("ContentEncoding").header("Content-Encoding"),
        member<&I::content_disposition>("ContentDisposition").header("Content-Disposition"),
        member<&I::content_language>("ContentLanguage").header("Content-Language"),
        member<&I::cache_control>("CacheControl").header("Cache-Control"),
        member<&I::expires>("Expires").header("Expires"),
        member<&I::metadata>("Metadata").header("x-amz-meta-"),
        member<&I::tagging>("Tagging").header("x-amz-tagging"),
        expected_owner_member<&I::expected_owner>(), request_payer_member(),
        member<&I::acl>("ACL").header("x-amz-acl"),
        refused_header("GrantFullControl", "x-amz-grant-full-control", acl_hint),
        refused_header("GrantRead", "x-amz-grant-read", acl_hint),
        refused_header("GrantReadACP", "x-amz-grant-read-acp", acl_hint),
        refused_header("GrantWriteACP", "x-amz-grant-write-acp", acl_hint),
        encryption_member<&I::encryption>(), kms_key_member<&I::kms_key>(),
        kms_context_member<&I::kms_context>(), bucket_key_member<&I::bucket_key>(),
        refused_header("SSECustomerAlgorithm", "x-amz-server-side-encryption-customer-algorithm",
                       encryption_hint),
        refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                       encryption_hint),
        refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                       encryption_hint),
        refused_header("StorageClass", "x-amz-storage-class", "Use STANDARD.").unless("STANDARD"),
        refused_header("WebsiteRedirectLocation", "x-amz-website-redirect-location",
                       "Buckets are no web sites."),
        refused_header("ObjectLockMode", "x-amz-object-lock-mode", lock_hint),
        refused_header("ObjectLockRetainUntilDate", "x-amz-object-lock-retain-until-date",
                       lock_hint),
        refused_header("ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold", lock_hint)
            .unless("OFF"));
}

// "a=1&b=2". InvalidArgument, InvalidTag.
Result<Texts> parse_tagging(const std::string& header);
// KeyTooLongError; InvalidArgument for a key with the byte 0.
Result<void> check_key(const std::string& key);
// NotImplemented, but for what gives nobody anything: the owner of the bucket is that of its
// objects.
Result<void> check_acl(const std::optional<std::string>& acl);
// "aws-chunked,gzip" is stored as "gzip".
void drop_chunked_encoding(std::optional<std::string>& encoding);

// The description that a request gives; size, tag, checksums and place are to come.
template <class I>
Result<Object> described_object(S3& s3, const Bucket& bucket, I& input) {
    MILL_CHECK(check_key(input.key));
    MILL_CHECK(check_acl(input.acl));
    drop_chunked_encoding(input.content_encoding);
    Object object{.last_modified = s3.now(),
                  .content_type = std::move(input.content_type),
                  .content_encoding = std::move(input.content_encoding),
                  .content_disposition = std::move(input.content_disposition),
                  .content_language = std::move(input.content_language),
                  .cache_control = std::move(input.cache_control),
                  .expires = input.expires,
                  .metadata = std::move(input.metadata)};
    MILL_TRY(object.encryption,
             choose_encryption(s3, bucket,
                               {std::move(input.encryption), std::move(input.kms_key),
                                std::move(input.kms_context), input.bucket_key}));
    if (input.tagging) {
        MILL_TRY(object.tags, parse_tagging(*input.tagging));
    }
    return object;
}

// What is said of it to who put it: absent where the bucket keeps no versions.
Result<std::optional<std::string>> told_version(S3& s3, const std::string& bucket,
                                                const Object& object);

}  // namespace mill::s3
