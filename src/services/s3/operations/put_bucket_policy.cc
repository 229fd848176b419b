// SPDX-License-Identifier: Apache-2.0
// PutBucketPolicy. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
#include "services/s3/declarations.h"
#include "services/s3/policy.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> expected_owner, policy;
    static constexpr auto shape() {
        return wire::structure("PutBucketPolicyRequest", bucket_member<&Input::bucket>(),
                               expected_owner_member<&Input::expected_owner>(),
                               wire::member<&Input::policy>("Policy").required().payload());
    }
};

Task<Result<wire::Empty>> put_bucket_policy(S3& s3, Caller caller, Input input) {
    MILL_CO_TRY(Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(co_await store_policy(s3, std::move(bucket), *std::move(input.policy)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation put_bucket_policy_operation;
const wire::Operation put_bucket_policy_operation = wire::operation<&put_bucket_policy>(
    "PutBucketPolicy", {.method = "PUT", .path = "/{Bucket}", .required_query = "policy"});

}  // namespace mill::s3
