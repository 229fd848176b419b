// SPDX-License-Identifier: Apache-2.0
// DeleteBucketPolicy: of a bucket without one, too.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html
#include "services/s3/policy.h"
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

Task<Result<wire::Empty>> delete_bucket_policy(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(co_await s3.put_setting(input.bucket, std::string(policy_setting), std::nullopt));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_bucket_policy_operation;
const wire::Operation delete_bucket_policy_operation = wire::operation<&delete_bucket_policy>(
    "DeleteBucketPolicy",
    {.method = "DELETE", .path = "/{Bucket}", .status = 204, .required_query = "policy"});

}  // namespace mill::s3
