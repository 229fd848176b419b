// SPDX-License-Identifier: Apache-2.0
// GetBucketCors. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html
#include "services/s3/settings/cors.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_cors_operation;
const wire::Operation get_bucket_cors_operation = get_setting_operation<Cors>("GetBucketCors");

}  // namespace mill::s3
