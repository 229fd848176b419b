// SPDX-License-Identifier: Apache-2.0
// GetPublicAccessBlock.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html
#include "services/s3/settings/public_access_block.h"

namespace mill::s3 {

extern const wire::Operation get_public_access_block_operation;
const wire::Operation get_public_access_block_operation =
    get_setting_operation<PublicAccessBlock>("GetPublicAccessBlock");

}  // namespace mill::s3
