// SPDX-License-Identifier: Apache-2.0
// PutObjectTagging: in place of all tags that the version had.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
#include "services/s3/object_request.h"
#include "services/s3/settings/tagging.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> expected_owner, version_id;
    std::optional<Tagging> tagging;
    static constexpr auto shape() {
        return wire::structure("PutObjectTaggingRequest", bucket_member<&Input::bucket>(),
                               key_member<&Input::key>(), version_id_member<&Input::version_id>(),
                               expected_owner_member<&Input::expected_owner>(),
                               request_payer_member(),
                               wire::member<&Input::tagging>("Tagging").required().payload());
    }
};

struct Output {
    std::optional<std::string> version_id;
    static constexpr auto shape() {
        return wire::structure("PutObjectTaggingOutput",
                               told_version_member<&Output::version_id>());
    }
};

Task<Result<Output>> put_object_tagging(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(Texts tags, object_tags(std::move(input.tagging->tag_set->tags)));
    MILL_CO_TRY(const Object object, co_await s3.set_tags(input.bucket, input.key, input.version_id,
                                                          std::move(tags), "ObjectTagging:Put"));
    MILL_CO_TRY(auto version, told_version(s3, input.bucket, object));
    co_return Output{std::move(version)};
}

}  // namespace

extern const wire::Operation put_object_tagging_operation;
const wire::Operation put_object_tagging_operation = wire::operation<&put_object_tagging>(
    "PutObjectTagging", {.method = "PUT", .path = "/{Bucket}/{Key+}", .required_query = "tagging"});

}  // namespace mill::s3
