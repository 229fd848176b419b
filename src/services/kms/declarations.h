// SPDX-License-Identifier: Apache-2.0
// Shapes that KMS's operations share, and its rules.
#pragma once

#include <fmt/format.h>

#include "services/kms/kms.h"

namespace mill::kms {

inline constexpr std::string_view usages[] = {"SIGN_VERIFY", "ENCRYPT_DECRYPT",
                                              "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"};
inline constexpr std::string_view old_specs[] = {"RSA_2048",
                                                 "RSA_3072",
                                                 "RSA_4096",
                                                 "ECC_NIST_P256",
                                                 "ECC_NIST_P384",
                                                 "ECC_NIST_P521",
                                                 "ECC_SECG_P256K1",
                                                 "SYMMETRIC_DEFAULT",
                                                 "HMAC_224",
                                                 "HMAC_256",
                                                 "HMAC_384",
                                                 "HMAC_512",
                                                 "SM2"};
inline constexpr std::string_view specs[] = {"RSA_2048",
                                             "RSA_3072",
                                             "RSA_4096",
                                             "ECC_NIST_P256",
                                             "ECC_NIST_P384",
                                             "ECC_NIST_P521",
                                             "ECC_SECG_P256K1",
                                             "SYMMETRIC_DEFAULT",
                                             "HMAC_224",
                                             "HMAC_256",
                                             "HMAC_384",
                                             "HMAC_512",
                                             "SM2",
                                             "ML_DSA_44",
                                             "ML_DSA_65",
                                             "ML_DSA_87",
                                             "ECC_NIST_EDWARDS25519"};

template <auto Pointer>
constexpr wire::Member key_member(std::string_view name = "KeyId") {
    return wire::member<Pointer>(name).length(1, 2048);
}
template <auto Pointer>
constexpr wire::Member alias_member() {
    return wire::member<Pointer>("AliasName")
        .required()
        .length(1, 256)
        .pattern("^[a-zA-Z0-9:/_-]+$");
}
template <auto Pointer>
constexpr wire::Member policy_member() {
    return wire::member<Pointer>("Policy")
        .length(1, 131'072)
        .pattern(R"([\u0009\u000A\u000D\u0020-\u00FF]+)");
}
template <auto Pointer>
constexpr wire::Member policy_name_member() {
    return wire::member<Pointer>("PolicyName").length(1, 128).pattern(R"([\w]+)");
}
template <auto Pointer>
constexpr wire::Member limit_member() {
    return wire::member<Pointer>("Limit").range(1, 1000);
}
template <auto Pointer>
constexpr wire::Member marker_member() {
    return wire::member<Pointer>("Marker").length(1, 1024).pattern(R"([\u0020-\u00FF]*)");
}

struct KeyInput {
    Text key;
    static constexpr auto shape() {
        return wire::structure("KeyRequest", key_member<&KeyInput::key>().required());
    }
};
struct KeyPageInput {
    Text key, marker;
    std::optional<std::int64_t> limit;
    static constexpr auto shape() {
        using I = KeyPageInput;
        return wire::structure("KeyListRequest", key_member<&I::key>().required(),
                               limit_member<&I::limit>(), marker_member<&I::marker>());
    }
};

struct Tag {
    Text key, value;
    static constexpr auto shape() {
        return wire::structure("Tag", wire::member<&Tag::key>("TagKey").required().length(1, 128),
                               wire::member<&Tag::value>("TagValue").required().length(0, 256));
    }
};
// TagException, LimitExceededException.
Result<void> add_tags(Tags& tags, const std::optional<std::vector<Tag>>& added);

struct KeyMetadata {
    std::string account, id, arn;
    WallTime created;
    bool is_enabled = true;
    std::string description, usage, state;
    std::optional<WallTime> deletion;
    std::string origin = "AWS_KMS", manager = "CUSTOMER", spec;
    std::optional<std::vector<std::string>> encryption_algorithms;
    bool is_multi_region = false;

    static constexpr auto shape() {
        using K = KeyMetadata;
        using wire::member;
        return wire::structure(
            "KeyMetadata", member<&K::account>("AWSAccountId"), member<&K::id>("KeyId"),
            member<&K::arn>("Arn"), member<&K::created>("CreationDate"),
            member<&K::is_enabled>("Enabled"), member<&K::description>("Description"),
            member<&K::usage>("KeyUsage"), member<&K::state>("KeyState"),
            member<&K::deletion>("DeletionDate"), member<&K::origin>("Origin"),
            member<&K::manager>("KeyManager"), member<&K::spec>("CustomerMasterKeySpec"),
            member<&K::spec>("KeySpec"), member<&K::encryption_algorithms>("EncryptionAlgorithms"),
            member<&K::is_multi_region>("MultiRegion"));
    }
};
KeyMetadata describe(const Key& key);

// MalformedPolicyDocumentException, ValidationException, UnsupportedOperationException.
Result<void> check_key(const Key& key);
// InvalidAliasNameException: of AWS's own, too.
Result<void> check_alias_name(std::string_view name);
// InvalidMarkerException.
Result<std::string> after_marker(const Text& marker);
inline std::string marker_after(const std::string& last) { return base64_encode(last); }

}  // namespace mill::kms
