// SPDX-License-Identifier: Apache-2.0
#include "services/s3/object_encryption.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/s3/settings/encryption.h"
#include "wire/value.h"

namespace mill::s3 {
namespace {

bool is_kms(std::string_view algorithm) { return algorithm.starts_with("aws:kms"); }

Result<void> check_algorithm(const std::string& algorithm) {
    if (algorithm == "AES256" || algorithm == "aws:kms" || algorithm == "aws:kms:dsse") return {};
    return fail("InvalidEncryptionAlgorithmError",
                "The encryption request you specified is not valid. Supported values: AES256, "
                "aws:kms, aws:kms:dsse.",
                400);
}

// Base64 of {"name": "value", ...}.
Result<void> check_context(const std::string& context) {
    const auto is_text = [](const auto& member) { return member.second.string() != nullptr; };
    if (const auto text = base64_decode(context)) {
        const auto value = wire::parse_json(*text);
        if (value && value->members() && std::ranges::all_of(*value->members(), is_text)) return {};
    }
    return fail("InvalidArgument",
                "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 "
                "string holding JSON which represents a string-string map",
                400);
}

// Answers name a key by its ARN.
std::string arn_of(const std::string& key, const Bucket& bucket) {
    if (key.starts_with("arn:")) return key;
    const std::string_view kind = key.starts_with("alias/") ? "" : "key/";
    return fmt::format("arn:aws:kms:{}:{}:{}{}", bucket.region, bucket.account, kind, key);
}

}  // namespace

Result<std::optional<ObjectEncryption>> choose_encryption(S3& s3, const Bucket& bucket,
                                                          AskedEncryption asked) {
    if (asked.algorithm) MILL_CHECK(check_algorithm(*asked.algorithm));
    if ((asked.kms_key || asked.kms_context) && !is_kms(asked.algorithm.value_or("")))
        return fail("InvalidArgument",
                    "Server Side Encryption with AWS KMS managed key requires HTTP header "
                    "x-amz-server-side-encryption : aws:kms",
                    400);
    if (asked.kms_context) MILL_CHECK(check_context(*asked.kms_context));
    if (asked.algorithm == "AES256") return std::optional<ObjectEncryption>();
    MILL_TRY(const auto setting, find_setting<Encryption>(s3, bucket.name));
    if (setting && !setting->rules.empty()) {
        const ServerSideEncryptionRule& rule = setting->rules.front();
        if (!asked.bucket_key) asked.bucket_key = rule.bucket_key_enabled;
        if (const auto& by = rule.apply_server_side_encryption_by_default; by && !asked.algorithm) {
            asked.algorithm = by->sse_algorithm;
            asked.kms_key = by->kms_master_key_id;
        }
    }
    ObjectEncryption chosen{.algorithm = asked.algorithm.value_or("AES256")};
    if (!is_kms(chosen.algorithm)) return std::optional<ObjectEncryption>();
    chosen.kms_key = arn_of(asked.kms_key.value_or("alias/aws/s3"), bucket);
    chosen.kms_context = std::move(asked.kms_context);
    // There are none for keys of two layers.
    chosen.bucket_key = chosen.algorithm == "aws:kms" && asked.bucket_key.value_or(false);
    return std::optional(std::move(chosen));
}

}  // namespace mill::s3
