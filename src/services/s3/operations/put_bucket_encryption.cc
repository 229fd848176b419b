// SPDX-License-Identifier: Apache-2.0
// PutBucketEncryption. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
#include "services/s3/settings/encryption.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_encryption_operation;
const wire::Operation put_bucket_encryption_operation =
    put_setting_operation<Encryption>("PutBucketEncryption");

}  // namespace mill::s3
