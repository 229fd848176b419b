// SPDX-License-Identifier: Apache-2.0
// DeleteBucketOwnershipControls.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html
#include "services/s3/settings/ownership_controls.h"

namespace mill::s3 {

extern const wire::Operation delete_bucket_ownership_controls_operation;
const wire::Operation delete_bucket_ownership_controls_operation =
    delete_setting_operation<OwnershipControls>("DeleteBucketOwnershipControls");

}  // namespace mill::s3
