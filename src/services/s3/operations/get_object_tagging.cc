// SPDX-License-Identifier: Apache-2.0
// GetObjectTagging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html
#include "services/s3/object_request.h"
#include "services/s3/settings/tagging.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> expected_owner, version_id;
    static constexpr auto shape() {
        return wire::structure("GetObjectTaggingRequest", bucket_member<&Input::bucket>(),
                               key_member<&Input::key>(), version_id_member<&Input::version_id>(),
                               expected_owner_member<&Input::expected_owner>(),
                               request_payer_member());
    }
};

struct Output {
    TagSet tag_set;
    std::optional<std::string> version_id;
    static constexpr auto shape() {
        return wire::structure("Tagging", wire::member<&Output::tag_set>("TagSet"),
                               told_version_member<&Output::version_id>());
    }
};

Task<Result<Output>> get_object_tagging(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(const Object object, s3.objects().find(input.bucket, input.key, input.version_id));
    MILL_CO_TRY(auto version, told_version(s3, input.bucket, object));
    co_return Output{tag_set_of(object.tags), std::move(version)};
}

}  // namespace

extern const wire::Operation get_object_tagging_operation;
const wire::Operation get_object_tagging_operation = wire::operation<&get_object_tagging>(
    "GetObjectTagging", {.method = "GET", .path = "/{Bucket}/{Key+}", .required_query = "tagging"});

}  // namespace mill::s3
