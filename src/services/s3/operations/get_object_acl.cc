// SPDX-License-Identifier: Apache-2.0
// GetObjectAcl. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html
#include "services/s3/acl.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket, key;
    std::optional<std::string> expected_owner, version_id;
    static constexpr auto shape() {
        return wire::structure("GetObjectAclRequest", bucket_member<&Input::bucket>(),
                               key_member<&Input::key>(), version_id_member<&Input::version_id>(),
                               expected_owner_member<&Input::expected_owner>(),
                               request_payer_member());
    }
};

Task<Result<AclOutput>> get_object_acl(S3& s3, Caller caller, Input input) {
    MILL_CO_TRY(const Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(s3.objects().find(input.bucket, input.key, input.version_id));
    co_return acl_of(bucket.account);
}

}  // namespace

extern const wire::Operation get_object_acl_operation;
const wire::Operation get_object_acl_operation = wire::operation<&get_object_acl>(
    "GetObjectAcl", {.method = "GET", .path = "/{Bucket}/{Key+}", .required_query = "acl"});

}  // namespace mill::s3
