// SPDX-License-Identifier: Apache-2.0
// GetBucketVersioning. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
#include "services/s3/settings/versioning.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_versioning_operation;
const wire::Operation get_bucket_versioning_operation =
    get_setting_operation<Versioning>("GetBucketVersioning");

}  // namespace mill::s3
