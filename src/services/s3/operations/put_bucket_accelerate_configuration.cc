// SPDX-License-Identifier: Apache-2.0
// PutBucketAccelerateConfiguration.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html
#include "services/s3/settings/accelerate.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_accelerate_configuration_operation;
const wire::Operation put_bucket_accelerate_configuration_operation =
    put_setting_operation<Accelerate>("PutBucketAccelerateConfiguration");

}  // namespace mill::s3
