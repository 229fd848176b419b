// SPDX-License-Identifier: Apache-2.0
// PutBucketLifecycleConfiguration.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
#include "services/s3/settings/lifecycle.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_lifecycle_configuration_operation;
const wire::Operation put_bucket_lifecycle_configuration_operation =
    put_setting_operation<Lifecycle>("PutBucketLifecycleConfiguration");

}  // namespace mill::s3
