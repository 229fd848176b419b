// SPDX-License-Identifier: Apache-2.0
// GetBucketWebsite: there is none, as clients ask to find out. Buckets are no web sites.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketWebsite.html
#include "services/s3/settings/setting.h"

namespace mill::s3 {
namespace {

Task<Result<wire::Empty>> get_bucket_website(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    co_return fail("NoSuchWebsiteConfiguration",
                   "The specified bucket does not have a website configuration", 404);
}

}  // namespace

extern const wire::Operation get_bucket_website_operation;
const wire::Operation get_bucket_website_operation = wire::operation<&get_bucket_website>(
    "GetBucketWebsite", {.method = "GET", .path = "/{Bucket}", .required_query = "website"});

}  // namespace mill::s3
