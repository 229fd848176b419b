// SPDX-License-Identifier: Apache-2.0
// GetBucketPolicyStatus: whether the policy is public.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html
#include "services/s3/policy.h"
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

struct PolicyStatus {
    bool is_public = false;
    static constexpr auto shape() {
        return wire::structure("PolicyStatus", wire::member<&PolicyStatus::is_public>("IsPublic"));
    }
};

struct Output {
    PolicyStatus status;
    static constexpr auto shape() {
        return wire::structure("GetBucketPolicyStatusOutput",
                               wire::member<&Output::status>("PolicyStatus").payload());
    }
};

Task<Result<Output>> get_bucket_policy_status(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(const std::string policy, find_policy(s3, input.bucket));
    MILL_CO_TRY(const wire::Value parsed, wire::parse_json(policy));
    co_return Output{{is_public_policy(parsed)}};
}

}  // namespace

extern const wire::Operation get_bucket_policy_status_operation;
const wire::Operation get_bucket_policy_status_operation =
    wire::operation<&get_bucket_policy_status>(
        "GetBucketPolicyStatus",
        {.method = "GET", .path = "/{Bucket}", .required_query = "policyStatus"});

}  // namespace mill::s3
