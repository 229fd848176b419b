// SPDX-License-Identifier: Apache-2.0
// DeleteBucket: only an empty one.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
#include "services/s3/declarations.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> expected_owner;
    static constexpr auto shape() {
        return wire::structure("DeleteBucketRequest", bucket_member<&Input::bucket>(),
                               expected_owner_member<&Input::expected_owner>());
    }
};

Task<Result<wire::Empty>> delete_bucket(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(co_await s3.delete_bucket(input.bucket));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_bucket_operation;
const wire::Operation delete_bucket_operation = wire::operation<&delete_bucket>(
    "DeleteBucket", {.method = "DELETE", .path = "/{Bucket}", .status = 204});

}  // namespace mill::s3
