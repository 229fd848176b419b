// SPDX-License-Identifier: Apache-2.0
// GetObject. The whole object, or one range of it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
#include "services/s3/read_object.h"

namespace mill::s3 {
namespace {

Task<Result<ReadObjectOutput>> get_object(S3& s3, Caller caller, ReadObjectInput input) {
    return read_object(s3, std::move(caller), std::move(input), true);
}

}  // namespace

extern const wire::Operation get_object_operation;
const wire::Operation get_object_operation =
    wire::operation<&get_object>("GetObject", {.method = "GET", .path = "/{Bucket}/{Key+}"});

}  // namespace mill::s3
