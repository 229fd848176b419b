// SPDX-License-Identifier: Apache-2.0
// GetBucketAccelerateConfiguration.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html
#include "services/s3/settings/accelerate.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_accelerate_configuration_operation;
const wire::Operation get_bucket_accelerate_configuration_operation =
    get_setting_operation<Accelerate>("GetBucketAccelerateConfiguration");

}  // namespace mill::s3
