// SPDX-License-Identifier: Apache-2.0
// DeleteObject: of a key that is not there, too.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
#include "services/s3/declarations.h"

namespace mill::s3 {
namespace {

constexpr std::string_view condition_hint = "Look at the object first, by HeadObject.";

struct Input {
    std::string bucket, key;
    std::optional<std::string> expected_owner;
    static constexpr auto shape() {
        return wire::structure(
            "DeleteObjectRequest", bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            expected_owner_member<&Input::expected_owner>(), version_id_member(),
            request_payer_member(), refused_header("MFA", "x-amz-mfa", version_hint),
            refused_header("BypassGovernanceRetention", "x-amz-bypass-governance-retention",
                           "Objects cannot be locked."),
            refused_header("IfMatch", "If-Match", condition_hint),
            refused_header("IfMatchLastModifiedTime", "x-amz-if-match-last-modified-time",
                           condition_hint),
            refused_header("IfMatchSize", "x-amz-if-match-size", condition_hint));
    }
};

Task<Result<wire::Empty>> delete_object(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(co_await s3.erase(input.bucket, input.key));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation delete_object_operation;
const wire::Operation delete_object_operation = wire::operation<&delete_object>(
    "DeleteObject", {.method = "DELETE", .path = "/{Bucket}/{Key+}", .status = 204});

}  // namespace mill::s3
