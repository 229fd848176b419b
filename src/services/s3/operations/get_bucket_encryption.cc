// SPDX-License-Identifier: Apache-2.0
// GetBucketEncryption. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
#include "services/s3/settings/encryption.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_encryption_operation;
const wire::Operation get_bucket_encryption_operation =
    get_setting_operation<Encryption>("GetBucketEncryption");

}  // namespace mill::s3
