// SPDX-License-Identifier: Apache-2.0
// DeleteObjectTagging: all tags of the version.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html
#include "services/s3/object_request.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> expected_owner, version_id;
    static constexpr auto shape() {
        return wire::structure("DeleteObjectTaggingRequest", bucket_member<&Input::bucket>(),
                               key_member<&Input::key>(), version_id_member<&Input::version_id>(),
                               expected_owner_member<&Input::expected_owner>());
    }
};

struct Output {
    std::optional<std::string> version_id;
    static constexpr auto shape() {
        return wire::structure("DeleteObjectTaggingOutput",
                               told_version_member<&Output::version_id>());
    }
};

Task<Result<Output>> delete_object_tagging(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(const Object object, co_await s3.set_tags(input.bucket, input.key, input.version_id,
                                                          {}, "ObjectTagging:Delete"));
    MILL_CO_TRY(auto version, told_version(s3, input.bucket, object));
    co_return Output{std::move(version)};
}

}  // namespace

extern const wire::Operation delete_object_tagging_operation;
const wire::Operation delete_object_tagging_operation = wire::operation<&delete_object_tagging>(
    "DeleteObjectTagging",
    {.method = "DELETE", .path = "/{Bucket}/{Key+}", .status = 204, .required_query = "tagging"});

}  // namespace mill::s3
