// SPDX-License-Identifier: Apache-2.0
// GetBucketLifecycleConfiguration.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html
#include "services/s3/settings/lifecycle.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_lifecycle_configuration_operation;
const wire::Operation get_bucket_lifecycle_configuration_operation =
    get_setting_operation<Lifecycle>("GetBucketLifecycleConfiguration");

}  // namespace mill::s3
