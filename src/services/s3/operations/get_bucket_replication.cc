// SPDX-License-Identifier: Apache-2.0
// GetBucketReplication: there is none, as clients ask to find out. Nothing is replicated.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

Task<Result<wire::Empty>> get_bucket_replication(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    co_return fail("ReplicationConfigurationNotFoundError",
                   "The replication configuration was not found", 404);
}

}  // namespace

extern const wire::Operation get_bucket_replication_operation;
const wire::Operation get_bucket_replication_operation = wire::operation<&get_bucket_replication>(
    "GetBucketReplication",
    {.method = "GET", .path = "/{Bucket}", .required_query = "replication"});

}  // namespace mill::s3
