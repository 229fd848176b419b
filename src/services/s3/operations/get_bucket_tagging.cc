// SPDX-License-Identifier: Apache-2.0
// GetBucketTagging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html
#include "services/s3/settings/tagging.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_tagging_operation;
const wire::Operation get_bucket_tagging_operation =
    get_setting_operation<Tagging>("GetBucketTagging");

}  // namespace mill::s3
