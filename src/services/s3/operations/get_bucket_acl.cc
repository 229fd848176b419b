// SPDX-License-Identifier: Apache-2.0
// GetBucketAcl. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html
#include "services/s3/acl.h"
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

Task<Result<AclOutput>> get_bucket_acl(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_TRY(const Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    co_return acl_of(bucket.account);
}

}  // namespace

extern const wire::Operation get_bucket_acl_operation;
const wire::Operation get_bucket_acl_operation = wire::operation<&get_bucket_acl>(
    "GetBucketAcl", {.method = "GET", .path = "/{Bucket}", .required_query = "acl"});

}  // namespace mill::s3
