// SPDX-License-Identifier: Apache-2.0
// DeleteObject: of a key that is not there, too. Where versions are kept it puts a delete marker;
// of a version it deletes just that, for good.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
#include "services/s3/object_request.h"

namespace mill::s3 {
namespace {

constexpr std::string_view condition_hint = "It is for directory buckets.";

struct Input {
    std::string bucket, key;
    std::optional<std::string> expected_owner, version_id, if_match;
    static constexpr auto shape() {
        return wire::structure(
            "DeleteObjectRequest", bucket_member<&Input::bucket>(), key_member<&Input::key>(),
            expected_owner_member<&Input::expected_owner>(),
            version_id_member<&Input::version_id>(),
            wire::member<&Input::if_match>("IfMatch").header("If-Match"), request_payer_member(),
            refused_header("MFA", "x-amz-mfa", "No bucket asks for it."),
            refused_header("BypassGovernanceRetention", "x-amz-bypass-governance-retention",
                           lock_hint),
            refused_header("IfMatchLastModifiedTime", "x-amz-if-match-last-modified-time",
                           condition_hint),
            refused_header("IfMatchSize", "x-amz-if-match-size", condition_hint));
    }
};

struct Output {
    std::optional<bool> delete_marker;
    std::optional<std::string> version_id;
    static constexpr auto shape() {
        return wire::structure(
            "DeleteObjectOutput",
            wire::member<&Output::delete_marker>("DeleteMarker").header("x-amz-delete-marker"),
            told_version_member<&Output::version_id>());
    }
};

Task<Result<Output>> delete_object(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(check_key(input.key));
    MILL_CO_TRY(const auto removed, co_await s3.erase(input.bucket, input.key, input.version_id,
                                                      {.if_match = input.if_match}));
    Output output;
    if (!removed) co_return output;
    if (removed->is_delete_marker) output.delete_marker = true;
    MILL_CO_TRY(output.version_id, told_version(s3, input.bucket, *removed));
    co_return output;
}

}  // namespace

extern const wire::Operation delete_object_operation;
const wire::Operation delete_object_operation = wire::operation<&delete_object>(
    "DeleteObject", {.method = "DELETE", .path = "/{Bucket}/{Key+}", .status = 204});

}  // namespace mill::s3
