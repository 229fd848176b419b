// SPDX-License-Identifier: Apache-2.0
// PutBucketOwnershipControls.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html
#include "services/s3/settings/ownership_controls.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_ownership_controls_operation;
const wire::Operation put_bucket_ownership_controls_operation =
    put_setting_operation<OwnershipControls>("PutBucketOwnershipControls");

}  // namespace mill::s3
