// SPDX-License-Identifier: Apache-2.0
// DeleteBucketCors. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketCors.html
#include "services/s3/settings/cors.h"

namespace mill::s3 {

extern const wire::Operation delete_bucket_cors_operation;
const wire::Operation delete_bucket_cors_operation =
    delete_setting_operation<Cors>("DeleteBucketCors");

}  // namespace mill::s3
