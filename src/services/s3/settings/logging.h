// SPDX-License-Identifier: Apache-2.0
// Where a bucket's access log would go: kept and answered; no log is written.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

inline constexpr std::string_view partition_date_source_values[] = {"EventTime", "DeliveryTime"};

struct SimplePrefix {
    static constexpr auto shape() { return wire::structure("SimplePrefix"); }
};

struct PartitionedPrefix {
    std::optional<std::string> partition_date_source;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "PartitionedPrefix",
            member<&PartitionedPrefix::partition_date_source>("PartitionDateSource")
                .one_of(partition_date_source_values));
    }
};

struct TargetObjectKeyFormat {
    std::optional<SimplePrefix> simple_prefix;
    std::optional<PartitionedPrefix> partitioned_prefix;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "TargetObjectKeyFormat", member<&TargetObjectKeyFormat::simple_prefix>("SimplePrefix"),
            member<&TargetObjectKeyFormat::partitioned_prefix>("PartitionedPrefix"));
    }
};

struct LoggingEnabled {
    std::optional<std::string> target_bucket;
    std::optional<std::string> target_prefix;
    std::optional<TargetObjectKeyFormat> target_object_key_format;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "LoggingEnabled", member<&LoggingEnabled::target_bucket>("TargetBucket").required(),
            wire::refused("TargetGrants", acl_hint),
            member<&LoggingEnabled::target_prefix>("TargetPrefix").required(),
            member<&LoggingEnabled::target_object_key_format>("TargetObjectKeyFormat"));
    }
};

struct Logging {
    std::optional<LoggingEnabled> logging_enabled;
    static constexpr std::string_view query = "logging";
    static Logging initial() { return Logging{}; }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("BucketLoggingStatus",
                               member<&Logging::logging_enabled>("LoggingEnabled"));
    }
};

}  // namespace mill::s3
