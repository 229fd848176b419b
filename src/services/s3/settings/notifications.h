// SPDX-License-Identifier: Apache-2.0
// Who is told of what happens to a bucket's objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

inline constexpr std::string_view event_values[] = {
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:ObjectRestore:Delete",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete"};
inline constexpr std::string_view filter_rule_name_values[] = {"prefix", "suffix"};

struct FilterRule {
    std::optional<std::string> name;
    std::optional<std::string> value;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("FilterRule",
                               member<&FilterRule::name>("Name").one_of(filter_rule_name_values),
                               member<&FilterRule::value>("Value"));
    }
};

struct S3KeyFilter {
    std::vector<FilterRule> filter_rules;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("S3KeyFilter", member<&S3KeyFilter::filter_rules>("FilterRule"));
    }
};

struct NotificationConfigurationFilter {
    std::optional<S3KeyFilter> key;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("NotificationConfigurationFilter",
                               member<&NotificationConfigurationFilter::key>("S3Key"));
    }
};

struct TopicConfiguration {
    std::optional<std::string> id;
    std::optional<std::string> topic_arn;
    std::vector<std::string> events;
    std::optional<NotificationConfigurationFilter> filter;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "TopicConfiguration", member<&TopicConfiguration::id>("Id"),
            member<&TopicConfiguration::topic_arn>("Topic").required(),
            member<&TopicConfiguration::events>("Event").required().one_of(event_values),
            member<&TopicConfiguration::filter>("Filter"));
    }
};

struct QueueConfiguration {
    std::optional<std::string> id;
    std::optional<std::string> queue_arn;
    std::vector<std::string> events;
    std::optional<NotificationConfigurationFilter> filter;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "QueueConfiguration", member<&QueueConfiguration::id>("Id"),
            member<&QueueConfiguration::queue_arn>("Queue").required(),
            member<&QueueConfiguration::events>("Event").required().one_of(event_values),
            member<&QueueConfiguration::filter>("Filter"));
    }
};

struct LambdaFunctionConfiguration {
    std::optional<std::string> id;
    std::optional<std::string> lambda_function_arn;
    std::vector<std::string> events;
    std::optional<NotificationConfigurationFilter> filter;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "LambdaFunctionConfiguration", member<&LambdaFunctionConfiguration::id>("Id"),
            member<&LambdaFunctionConfiguration::lambda_function_arn>("CloudFunction").required(),
            member<&LambdaFunctionConfiguration::events>("Event").required().one_of(event_values),
            member<&LambdaFunctionConfiguration::filter>("Filter"));
    }
};

struct EventBridgeConfiguration {  // that it is there says all
    static constexpr auto shape() { return wire::structure("EventBridgeConfiguration"); }
};

struct Notifications {
    std::vector<TopicConfiguration> topic_configurations;
    std::vector<QueueConfiguration> queue_configurations;
    std::vector<LambdaFunctionConfiguration> lambda_function_configurations;
    std::optional<EventBridgeConfiguration> event_bridge;  // refused: there is no event bus
    static constexpr std::string_view query = "notification";
    static Notifications initial() { return Notifications{}; }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "NotificationConfiguration",
            member<&Notifications::topic_configurations>("TopicConfiguration"),
            member<&Notifications::queue_configurations>("QueueConfiguration"),
            member<&Notifications::lambda_function_configurations>("CloudFunctionConfiguration"),
            member<&Notifications::event_bridge>("EventBridgeConfiguration"));
    }
};

}  // namespace mill::s3
