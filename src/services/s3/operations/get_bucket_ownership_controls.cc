// SPDX-License-Identifier: Apache-2.0
// GetBucketOwnershipControls.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html
#include "services/s3/settings/ownership_controls.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_ownership_controls_operation;
const wire::Operation get_bucket_ownership_controls_operation =
    get_setting_operation<OwnershipControls>("GetBucketOwnershipControls");

}  // namespace mill::s3
