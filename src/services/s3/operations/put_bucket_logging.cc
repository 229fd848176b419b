// SPDX-License-Identifier: Apache-2.0
// PutBucketLogging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
#include "services/s3/settings/logging.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_logging_operation;
const wire::Operation put_bucket_logging_operation =
    put_setting_operation<Logging>("PutBucketLogging");

}  // namespace mill::s3
