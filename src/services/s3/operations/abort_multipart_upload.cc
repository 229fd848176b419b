// SPDX-License-Identifier: Apache-2.0
// AbortMultipartUpload.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
#include "services/s3/upload_request.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> upload_id, expected_owner;
    static constexpr auto shape() {
        return wire::structure(
            "AbortMultipartUploadRequest", bucket_member<&Input::bucket>(),
            key_member<&Input::key>(), upload_id_member<&Input::upload_id>(),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            refused_header("IfMatchInitiatedTime", "x-amz-if-match-initiated-time",
                           "It is for directory buckets."));
    }
};

Task<Result<wire::Empty>> abort_multipart_upload(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(Upload upload, find_upload(s3, input.bucket, input.key, *input.upload_id));
    MILL_CO_CHECK(co_await abort_upload(s3, input.bucket, std::move(upload)));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation abort_multipart_upload_operation;
const wire::Operation abort_multipart_upload_operation = wire::operation<&abort_multipart_upload>(
    "AbortMultipartUpload", {.method = "DELETE", .path = "/{Bucket}/{Key+}", .status = 204});

}  // namespace mill::s3
