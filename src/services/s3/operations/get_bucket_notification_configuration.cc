// SPDX-License-Identifier: Apache-2.0
// GetBucketNotificationConfiguration.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
#include "services/s3/settings/notifications.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_notification_configuration_operation;
const wire::Operation get_bucket_notification_configuration_operation =
    get_setting_operation<Notifications>("GetBucketNotificationConfiguration");

}  // namespace mill::s3
