// SPDX-License-Identifier: Apache-2.0
// DeleteBucketLifecycle.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html
#include "services/s3/settings/lifecycle.h"

namespace mill::s3 {

extern const wire::Operation delete_bucket_lifecycle_operation;
const wire::Operation delete_bucket_lifecycle_operation =
    delete_setting_operation<Lifecycle>("DeleteBucketLifecycle");

}  // namespace mill::s3
