// SPDX-License-Identifier: Apache-2.0
// HeadBucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
#include "services/s3/declarations.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> expected_owner;
    static constexpr auto shape() {
        return wire::structure("HeadBucketRequest", bucket_member<&Input::bucket>(),
                               expected_owner_member<&Input::expected_owner>());
    }
};

struct Output {
    std::string region;
    bool is_alias = false;  // of an access point
    static constexpr auto shape() {
        return wire::structure(
            "HeadBucketOutput",
            wire::member<&Output::region>("BucketRegion").header("x-amz-bucket-region"),
            wire::member<&Output::is_alias>("AccessPointAlias").header("x-amz-access-point-alias"));
    }
};

Task<Result<Output>> head_bucket(S3& s3, Caller caller, Input input) {
    MILL_CO_TRY(Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    co_return Output{bucket.region};
}

}  // namespace

extern const wire::Operation head_bucket_operation;
const wire::Operation head_bucket_operation =
    wire::operation<&head_bucket>("HeadBucket", {.method = "HEAD", .path = "/{Bucket}"});

}  // namespace mill::s3
