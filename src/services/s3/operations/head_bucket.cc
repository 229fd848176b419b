// SPDX-License-Identifier: Apache-2.0
// HeadBucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
#include "services/s3/s3.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    static constexpr auto shape() {
        return wire::structure("HeadBucketRequest", wire::member<&Input::bucket>("Bucket").uri());
    }
};

struct Output {
    std::string region;
    static constexpr auto shape() {
        return wire::structure(
            "HeadBucketOutput",
            wire::member<&Output::region>("BucketRegion").header("x-amz-bucket-region"));
    }
};

Task<Result<Output>> head_bucket(S3& s3, Caller caller, Input input) {
    MILL_CO_TRY(Bucket bucket, s3.bucket(caller, input.bucket));
    co_return Output{bucket.region};
}

}  // namespace

extern const wire::Operation head_bucket_operation;
const wire::Operation head_bucket_operation =
    wire::operation<&head_bucket>("HeadBucket", {.method = "HEAD", .path = "/{Bucket}"});

}  // namespace mill::s3
