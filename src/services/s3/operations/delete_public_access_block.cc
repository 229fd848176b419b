// SPDX-License-Identifier: Apache-2.0
// DeletePublicAccessBlock.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html
#include "services/s3/settings/public_access_block.h"

namespace mill::s3 {

extern const wire::Operation delete_public_access_block_operation;
const wire::Operation delete_public_access_block_operation =
    delete_setting_operation<PublicAccessBlock>("DeletePublicAccessBlock");

}  // namespace mill::s3
