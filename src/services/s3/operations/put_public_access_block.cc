// SPDX-License-Identifier: Apache-2.0
// PutPublicAccessBlock.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html
#include "services/s3/settings/public_access_block.h"

namespace mill::s3 {

extern const wire::Operation put_public_access_block_operation;
const wire::Operation put_public_access_block_operation =
    put_setting_operation<PublicAccessBlock>("PutPublicAccessBlock");

}  // namespace mill::s3
