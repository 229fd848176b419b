// SPDX-License-Identifier: Apache-2.0
// HeadObject. What GetObject would answer, without the bytes.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
#include "services/s3/read_object.h"

namespace mill::s3 {
namespace {

Task<Result<ReadObjectOutput>> head_object(S3& s3, Caller caller, ReadObjectInput input) {
    return read_object(s3, std::move(caller), std::move(input), false);
}

}  // namespace

extern const wire::Operation head_object_operation;
const wire::Operation head_object_operation =
    wire::operation<&head_object>("HeadObject", {.method = "HEAD", .path = "/{Bucket}/{Key+}"});

}  // namespace mill::s3
