// SPDX-License-Identifier: Apache-2.0
// GetObjectLockConfiguration: there is none, as clients ask to find out. Objects cannot be locked.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

Task<Result<wire::Empty>> get_object_lock_configuration(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    co_return fail("ObjectLockConfigurationNotFoundError",
                   "Object Lock configuration does not exist for this bucket", 404);
}

}  // namespace

extern const wire::Operation get_object_lock_configuration_operation;
const wire::Operation get_object_lock_configuration_operation =
    wire::operation<&get_object_lock_configuration>(
        "GetObjectLockConfiguration",
        {.method = "GET", .path = "/{Bucket}", .required_query = "object-lock"});

}  // namespace mill::s3
