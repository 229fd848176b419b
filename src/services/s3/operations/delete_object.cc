// SPDX-License-Identifier: Apache-2.0
// DeleteObject: of a key that is not there, too.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
#include "services/s3/s3.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    static constexpr auto shape() {
        return wire::structure("DeleteObjectRequest", wire::member<&Input::bucket>("Bucket").uri(),
                               wire::member<&Input::key>("Key").uri());
    }
};

Task<Result<wire::Empty>> delete_object(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket));
    MILL_CO_CHECK(co_await s3.erase(input.bucket, input.key));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_object_operation;
const wire::Operation delete_object_operation = wire::operation<&delete_object>(
    "DeleteObject", {.method = "DELETE", .path = "/{Bucket}/{Key+}", .status = 204});

}  // namespace mill::s3
