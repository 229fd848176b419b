// SPDX-License-Identifier: Apache-2.0
// How a bucket says that it encrypts: kept, answered, and what its objects are told to be encrypted
// with (object_encryption.h). They lie unencrypted.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

inline constexpr std::string_view server_side_encryption_values[] = {"AES256", "aws:fsx", "aws:kms",
                                                                     "aws:kms:dsse"};
inline constexpr std::string_view encryption_type_values[] = {"NONE", "SSE-C"};

struct ServerSideEncryptionByDefault {
    std::optional<std::string> sse_algorithm;
    std::optional<std::string> kms_master_key_id;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ServerSideEncryptionByDefault",
            member<&ServerSideEncryptionByDefault::sse_algorithm>("SSEAlgorithm")
                .required()
                .one_of(server_side_encryption_values),
            member<&ServerSideEncryptionByDefault::kms_master_key_id>("KMSMasterKeyID"));
    }
};

struct BlockedEncryptionTypes {
    std::vector<std::string> encryption_type;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("BlockedEncryptionTypes",
                               member<&BlockedEncryptionTypes::encryption_type>("EncryptionType")
                                   .one_of(encryption_type_values));
    }
};

struct ServerSideEncryptionRule {
    std::optional<ServerSideEncryptionByDefault> apply_server_side_encryption_by_default;
    std::optional<bool> bucket_key_enabled;
    std::optional<BlockedEncryptionTypes> blocked_encryption_types;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ServerSideEncryptionRule",
            member<&ServerSideEncryptionRule::apply_server_side_encryption_by_default>(
                "ApplyServerSideEncryptionByDefault"),
            member<&ServerSideEncryptionRule::bucket_key_enabled>("BucketKeyEnabled"),
            member<&ServerSideEncryptionRule::blocked_encryption_types>("BlockedEncryptionTypes"));
    }
};

struct Encryption {
    std::vector<ServerSideEncryptionRule> rules;
    static constexpr std::string_view query = "encryption";
    static constexpr bool is_payload = true;
    static Encryption initial();
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("ServerSideEncryptionConfiguration",
                               member<&Encryption::rules>("Rule").required());
    }
};

}  // namespace mill::s3
