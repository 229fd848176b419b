// SPDX-License-Identifier: Apache-2.0
// PutBucketTagging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html
#include "services/s3/settings/tagging.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_tagging_operation;
const wire::Operation put_bucket_tagging_operation =
    put_setting_operation<Tagging>("PutBucketTagging");

}  // namespace mill::s3
