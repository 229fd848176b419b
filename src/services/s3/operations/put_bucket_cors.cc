// SPDX-License-Identifier: Apache-2.0
// PutBucketCors. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
#include "services/s3/settings/cors.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_cors_operation;
const wire::Operation put_bucket_cors_operation = put_setting_operation<Cors>("PutBucketCors");

}  // namespace mill::s3
