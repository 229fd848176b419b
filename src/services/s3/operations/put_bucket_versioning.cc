// SPDX-License-Identifier: Apache-2.0
// PutBucketVersioning. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
#include "services/s3/settings/versioning.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_versioning_operation;
const wire::Operation put_bucket_versioning_operation =
    put_setting_operation<Versioning>("PutBucketVersioning");

}  // namespace mill::s3
