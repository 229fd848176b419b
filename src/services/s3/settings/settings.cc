// SPDX-License-Identifier: Apache-2.0
// What AWS checks of settings, and adds to them. The texts are those of its answers where they are
// known. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/s3/settings/cors.h"
#include "services/s3/settings/encryption.h"
#include "services/s3/settings/lifecycle.h"
#include "services/s3/settings/logging.h"
#include "services/s3/settings/ownership_controls.h"
#include "services/s3/settings/request_payment.h"
#include "services/s3/settings/tagging.h"
#include "services/s3/settings/versioning.h"

namespace mill::s3 {
namespace {

constexpr std::size_t bucket_tags_max = 50, cors_rules_max = 100, lifecycle_rules_max = 1000;

Failure invalid_argument(std::string message) {
    return fail("InvalidArgument", std::move(message), 400);
}
Failure invalid_tag(std::string message) { return fail("InvalidTag", std::move(message), 400); }

Result<void> check_expiration(const LifecycleExpiration& expiration) {
    const int said = expiration.date.has_value() + expiration.days.has_value() +
                     expiration.expired_object_delete_marker.has_value();
    if (said != 1) return malformed_xml();
    if (expiration.days.value_or(1) < 1)
        return invalid_argument("'Days' for Expiration action must be a positive integer");
    if (expiration.date &&
        std::chrono::floor<std::chrono::days>(*expiration.date) != *expiration.date)
        return invalid_argument("'Date' must be at midnight GMT");
    return {};
}

Result<void> check_rule(const LifecycleRule& rule) {
    if (rule.prefix.has_value() == rule.filter.has_value()) return malformed_xml();
    const auto& noncurrent = rule.noncurrent_version_expiration;
    const auto& abort = rule.abort_incomplete_multipart_upload;
    if (!rule.expiration && !noncurrent && !abort && rule.transitions.empty() &&
        rule.noncurrent_version_transitions.empty()) {
        return fail("InvalidRequest", "At least one action needs to be specified in a rule", 400);
    }
    if (rule.expiration) MILL_CHECK(check_expiration(*rule.expiration));
    if (noncurrent && noncurrent->noncurrent_days.value_or(0) < 1)
        return invalid_argument(
            "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer");
    if (abort && abort->days_after_initiation.value_or(0) < 1)
        return invalid_argument(
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive "
            "integer");
    constexpr std::size_t id_length_max = 255;
    if (rule.id && rule.id->size() > id_length_max)
        return invalid_argument("ID length should not exceed allowed limit of 255");
    return {};
}

Result<void> check_rule(const CorsRule& rule) {
    static constexpr std::string_view methods[] = {"GET", "PUT", "HEAD", "POST", "DELETE"};
    if (rule.allowed_methods.empty() || rule.allowed_origins.empty()) return malformed_xml();
    for (const std::string& method : rule.allowed_methods) {
        if (std::ranges::find(methods, method) == std::ranges::end(methods))
            return fail(
                "InvalidRequest",
                "Found unsupported HTTP method in CORS config. Unsupported method is " + method,
                400);
    }
    for (const auto* patterns : {&rule.allowed_origins, &rule.allowed_headers}) {
        for (const std::string& pattern : *patterns) {
            if (std::ranges::count(pattern, '*') > 1)
                return fail("InvalidRequest",
                            fmt::format("{} \"{}\" can not have more than one wildcard.",
                                        patterns == &rule.allowed_origins ? "AllowedOrigin"
                                                                          : "AllowedHeader",
                                        pattern),
                            400);
        }
    }
    return {};
}

}  // namespace

Failure malformed_xml() {
    return fail("MalformedXML",
                "The XML you provided was not well-formed or did not validate against our "
                "published schema",
                400);
}

Result<void> check_tags(const std::vector<Tag>& tags) {
    constexpr std::size_t key_length_max = 128, value_length_max = 256;
    std::set<std::string_view> keys;
    for (const Tag& tag : tags) {
        const std::string_view key = *tag.key;
        if (!keys.insert(key).second)
            return invalid_tag("Cannot provide multiple Tags with the same key");
        if (key.starts_with("aws:"))
            return invalid_tag("System tags cannot be added/updated by requester");
        if (key.empty() || key.size() > key_length_max)
            return invalid_tag("The TagKey you have provided is invalid");
        if (tag.value->size() > value_length_max)
            return invalid_tag("The TagValue you have provided is invalid");
    }
    return {};
}

Result<void> Tagging::prepare(const Bucket& /*bucket*/, S3& /*s3*/) {
    if (tag_set->tags.size() > bucket_tags_max)
        return fail("BadRequest", "Bucket tag count cannot be greater than 50", 400);
    return check_tags(tag_set->tags);
}

Result<void> Versioning::prepare(const Bucket& /*bucket*/, S3& /*s3*/) {
    if (status) return {};
    return fail("IllegalVersioningConfigurationException",
                "The Versioning element must be specified", 400);
}

Encryption Encryption::initial() {
    return Encryption{{{.apply_server_side_encryption_by_default =
                            ServerSideEncryptionByDefault{.sse_algorithm = "AES256"},
                        .bucket_key_enabled = false}}};
}

Result<void> Encryption::prepare(const Bucket& /*bucket*/, S3& /*s3*/) {
    if (rules.size() != 1) return malformed_xml();
    ServerSideEncryptionRule& rule = rules.front();
    if (!rule.apply_server_side_encryption_by_default)
        rule.apply_server_side_encryption_by_default =
            initial().rules.front().apply_server_side_encryption_by_default;
    const auto& by = *rule.apply_server_side_encryption_by_default;
    if (by.kms_master_key_id && !by.sse_algorithm->starts_with("aws:kms"))
        return invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
            "aws:kms:dsse");
    if (!rule.bucket_key_enabled) rule.bucket_key_enabled = false;
    return {};
}

Result<void> OwnershipControls::prepare(const Bucket& /*bucket*/, S3& /*s3*/) {
    return rules.size() == 1 ? Result<void>() : malformed_xml();
}

Result<void> Cors::prepare(const Bucket& /*bucket*/, S3& /*s3*/) {
    if (cors_rules.empty() || cors_rules.size() > cors_rules_max) return malformed_xml();
    for (const CorsRule& rule : cors_rules) MILL_CHECK(check_rule(rule));
    return {};
}

Result<void> Logging::prepare(const Bucket& bucket, S3& s3) {
    if (!logging_enabled) return {};
    MILL_TRY(const auto target, s3.find_bucket(*logging_enabled->target_bucket));
    if (target && target->account == bucket.account) return {};
    return fail("InvalidTargetBucketForLogging", "The target bucket for logging does not exist",
                400);
}

Result<void> RequestPayment::prepare(const Bucket& /*bucket*/, S3& /*s3*/) {
    if (payer == "BucketOwner") return {};
    return fail("NotImplemented", "Millrace charges nobody: the payer is BucketOwner.", 501);
}

Result<void> Lifecycle::prepare(const Bucket& /*bucket*/, S3& s3) {
    if (rules.empty() || rules.size() > lifecycle_rules_max) return malformed_xml();
    std::set<std::string> ids;
    for (LifecycleRule& rule : rules) {
        MILL_CHECK(check_rule(rule));
        if (rule.id.value_or("").empty()) rule.id = s3.new_id();
        if (!ids.insert(*rule.id).second)
            return invalid_argument("Rule ID must be unique. Found same ID for more than one rule");
    }
    return {};
}

}  // namespace mill::s3
