// SPDX-License-Identifier: Apache-2.0
// DeleteBucketEncryption.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html
#include "services/s3/settings/encryption.h"

namespace mill::s3 {

extern const wire::Operation delete_bucket_encryption_operation;
const wire::Operation delete_bucket_encryption_operation =
    delete_setting_operation<Encryption>("DeleteBucketEncryption");

}  // namespace mill::s3
