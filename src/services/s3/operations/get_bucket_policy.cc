// SPDX-License-Identifier: Apache-2.0
// GetBucketPolicy: the document as it was put.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
#include "services/s3/policy.h"
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

struct Output {
    std::string policy;
    std::string content_type = "application/json";
    static constexpr auto shape() {
        return wire::structure(
            "GetBucketPolicyOutput", wire::member<&Output::policy>("Policy").payload(),
            wire::member<&Output::content_type>("ContentType").header("Content-Type"));
    }
};

Task<Result<Output>> get_bucket_policy(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(std::string policy, find_policy(s3, input.bucket));
    co_return Output{std::move(policy)};
}

}  // namespace

extern const wire::Operation get_bucket_policy_operation;
const wire::Operation get_bucket_policy_operation = wire::operation<&get_bucket_policy>(
    "GetBucketPolicy", {.method = "GET", .path = "/{Bucket}", .required_query = "policy"});

}  // namespace mill::s3
