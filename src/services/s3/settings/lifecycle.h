// SPDX-License-Identifier: Apache-2.0
// When objects expire. Transitions are kept and change nothing: there is one storage class.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
#pragma once

#include "services/s3/settings/setting.h"
#include "services/s3/settings/tagging.h"

namespace mill::s3 {

inline constexpr std::string_view expiration_status_values[] = {"Enabled", "Disabled"};
inline constexpr std::string_view transition_storage_class_values[] = {
    "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"};

struct LifecycleExpiration {
    std::optional<WallTime> date;
    std::optional<std::int64_t> days;
    std::optional<bool> expired_object_delete_marker;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("LifecycleExpiration", member<&LifecycleExpiration::date>("Date"),
                               member<&LifecycleExpiration::days>("Days"),
                               member<&LifecycleExpiration::expired_object_delete_marker>(
                                   "ExpiredObjectDeleteMarker"));
    }
};

struct LifecycleRuleAndOperator {
    std::optional<std::string> prefix;
    std::vector<Tag> tags;
    std::optional<std::int64_t> object_size_greater_than;
    std::optional<std::int64_t> object_size_less_than;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "LifecycleRuleAndOperator", member<&LifecycleRuleAndOperator::prefix>("Prefix"),
            member<&LifecycleRuleAndOperator::tags>("Tag"),
            member<&LifecycleRuleAndOperator::object_size_greater_than>("ObjectSizeGreaterThan"),
            member<&LifecycleRuleAndOperator::object_size_less_than>("ObjectSizeLessThan"));
    }
};

struct LifecycleRuleFilter {
    std::optional<std::string> prefix;
    std::optional<Tag> tag;
    std::optional<std::int64_t> object_size_greater_than;
    std::optional<std::int64_t> object_size_less_than;
    std::optional<LifecycleRuleAndOperator> all;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "LifecycleRuleFilter", member<&LifecycleRuleFilter::prefix>("Prefix"),
            member<&LifecycleRuleFilter::tag>("Tag"),
            member<&LifecycleRuleFilter::object_size_greater_than>("ObjectSizeGreaterThan"),
            member<&LifecycleRuleFilter::object_size_less_than>("ObjectSizeLessThan"),
            member<&LifecycleRuleFilter::all>("And"));
    }
};

struct Transition {
    std::optional<WallTime> date;
    std::optional<std::int64_t> days;
    std::optional<std::string> storage_class;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("Transition", member<&Transition::date>("Date"),
                               member<&Transition::days>("Days"),
                               member<&Transition::storage_class>("StorageClass")
                                   .one_of(transition_storage_class_values));
    }
};

struct NoncurrentVersionTransition {
    std::optional<std::int64_t> noncurrent_days;
    std::optional<std::string> storage_class;
    std::optional<std::int64_t> newer_noncurrent_versions;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "NoncurrentVersionTransition",
            member<&NoncurrentVersionTransition::noncurrent_days>("NoncurrentDays"),
            member<&NoncurrentVersionTransition::storage_class>("StorageClass")
                .one_of(transition_storage_class_values),
            member<&NoncurrentVersionTransition::newer_noncurrent_versions>(
                "NewerNoncurrentVersions"));
    }
};

struct NoncurrentVersionExpiration {
    std::optional<std::int64_t> noncurrent_days;
    std::optional<std::int64_t> newer_noncurrent_versions;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "NoncurrentVersionExpiration",
            member<&NoncurrentVersionExpiration::noncurrent_days>("NoncurrentDays"),
            member<&NoncurrentVersionExpiration::newer_noncurrent_versions>(
                "NewerNoncurrentVersions"));
    }
};

struct AbortIncompleteMultipartUpload {
    std::optional<std::int64_t> days_after_initiation;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "AbortIncompleteMultipartUpload",
            member<&AbortIncompleteMultipartUpload::days_after_initiation>("DaysAfterInitiation"));
    }
};

struct LifecycleRule {
    std::optional<LifecycleExpiration> expiration;
    std::optional<std::string> id;
    std::optional<std::string> prefix;
    std::optional<LifecycleRuleFilter> filter;
    std::optional<std::string> status;
    std::vector<Transition> transitions;
    std::vector<NoncurrentVersionTransition> noncurrent_version_transitions;
    std::optional<NoncurrentVersionExpiration> noncurrent_version_expiration;
    std::optional<AbortIncompleteMultipartUpload> abort_incomplete_multipart_upload;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "LifecycleRule", member<&LifecycleRule::expiration>("Expiration"),
            member<&LifecycleRule::id>("ID"), member<&LifecycleRule::prefix>("Prefix"),
            member<&LifecycleRule::filter>("Filter"),
            member<&LifecycleRule::status>("Status").required().one_of(expiration_status_values),
            member<&LifecycleRule::transitions>("Transition"),
            member<&LifecycleRule::noncurrent_version_transitions>("NoncurrentVersionTransition"),
            member<&LifecycleRule::noncurrent_version_expiration>("NoncurrentVersionExpiration"),
            member<&LifecycleRule::abort_incomplete_multipart_upload>(
                "AbortIncompleteMultipartUpload"));
    }
};

struct Lifecycle {
    std::vector<LifecycleRule> rules;
    static constexpr std::string_view query = "lifecycle";
    static Failure absent() {
        return fail("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist",
                    404);
    }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("LifecycleConfiguration",
                               member<&Lifecycle::rules>("Rule").required());
    }
};

}  // namespace mill::s3
