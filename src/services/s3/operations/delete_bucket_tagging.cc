// SPDX-License-Identifier: Apache-2.0
// DeleteBucketTagging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html
#include "services/s3/settings/tagging.h"

namespace mill::s3 {

extern const wire::Operation delete_bucket_tagging_operation;
const wire::Operation delete_bucket_tagging_operation =
    delete_setting_operation<Tagging>("DeleteBucketTagging");

}  // namespace mill::s3
