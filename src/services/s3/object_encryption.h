// SPDX-License-Identifier: Apache-2.0
// What an object says it is encrypted with: chosen as AWS chooses it, kept and told. Nothing is
// encrypted, and whether a key exists is not asked.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
#pragma once

#include "services/s3/declarations.h"

namespace mill::s3 {

template <auto Pointer>
constexpr wire::Member encryption_member() {
    return wire::member<Pointer>("ServerSideEncryption").header("x-amz-server-side-encryption");
}
template <auto Pointer>
constexpr wire::Member kms_key_member() {
    return wire::member<Pointer>("SSEKMSKeyId")
        .header("x-amz-server-side-encryption-aws-kms-key-id");
}
template <auto Pointer>
constexpr wire::Member kms_context_member() {
    return wire::member<Pointer>("SSEKMSEncryptionContext")
        .header("x-amz-server-side-encryption-context");
}
template <auto Pointer>
constexpr wire::Member bucket_key_member() {
    return wire::member<Pointer>("BucketKeyEnabled")
        .header("x-amz-server-side-encryption-bucket-key-enabled");
}

// What a request asks for.
struct AskedEncryption {
    std::optional<std::string> algorithm, kms_key, kms_context;
    std::optional<bool> bucket_key;
};
// What is not asked for comes from the bucket's setting; absent is AES256.
// InvalidEncryptionAlgorithmError, InvalidArgument.
Result<std::optional<ObjectEncryption>> choose_encryption(S3& s3, const Bucket& bucket,
                                                          AskedEncryption asked);

// Answer has the members encryption, kms_key and bucket_key, and maybe kms_context.
template <class Answer>
void tell_encryption(const std::optional<ObjectEncryption>& kept, Answer& answer) {
    answer.encryption = "AES256";
    if (!kept) return;
    answer.encryption = kept->algorithm;
    answer.kms_key = kept->kms_key;
    if (kept->bucket_key) answer.bucket_key = true;
    if constexpr (requires { answer.kms_context; }) answer.kms_context = kept->kms_context;
}

}  // namespace mill::s3
