// SPDX-License-Identifier: Apache-2.0
// GetBucketLogging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html
#include "services/s3/settings/logging.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_logging_operation;
const wire::Operation get_bucket_logging_operation =
    get_setting_operation<Logging>("GetBucketLogging");

}  // namespace mill::s3
