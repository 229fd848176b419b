// SPDX-License-Identifier: Apache-2.0
// PutBucketNotificationConfiguration: queues and topics are sent a test first; one that cannot be
// told is refused.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
#include "services/s3/settings/notifications.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> expected_owner;
    std::optional<Notifications> configuration;
    std::optional<bool> skips_validation;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "PutBucketNotificationConfigurationRequest", bucket_member<&Input::bucket>(),
            expected_owner_member<&Input::expected_owner>(),
            member<&Input::configuration>("NotificationConfiguration").required().payload(),
            member<&Input::skips_validation>("SkipDestinationValidation")
                .header("x-amz-skip-destination-validation"));
    }
};

Task<Result<wire::Empty>> put_bucket_notification_configuration(S3& s3, Caller caller,
                                                                Input input) {
    MILL_CO_TRY(Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(co_await store_notifications(s3, std::move(bucket),
                                               *std::move(input.configuration),
                                               !input.skips_validation.value_or(false)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation put_bucket_notification_configuration_operation;
const wire::Operation put_bucket_notification_configuration_operation =
    wire::operation<&put_bucket_notification_configuration>(
        "PutBucketNotificationConfiguration",
        {.method = "PUT", .path = "/{Bucket}", .required_query = "notification"});

}  // namespace mill::s3
