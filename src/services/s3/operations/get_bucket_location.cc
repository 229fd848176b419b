// SPDX-License-Identifier: Apache-2.0
// GetBucketLocation: the element is empty for us-east-1.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
#include "services/s3/declarations.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> expected_owner;
    static constexpr auto shape() {
        return wire::structure("GetBucketLocationRequest", bucket_member<&Input::bucket>(),
                               expected_owner_member<&Input::expected_owner>());
    }
};

// The root element itself carries the text, which no structure can say.
struct Output {
    std::string document;
    std::string content_type = "application/xml";
    static constexpr auto shape() {
        return wire::structure(
            "GetBucketLocationOutput",
            wire::member<&Output::document>("LocationConstraint").payload(),
            wire::member<&Output::content_type>("ContentType").header("Content-Type"));
    }
};

Task<Result<Output>> get_bucket_location(S3& s3, Caller caller, Input input) {
    MILL_CO_TRY(Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    const std::string region = bucket.region == "us-east-1" ? "" : bucket.region;
    co_return Output{
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
        region + "</LocationConstraint>"};
}

}  // namespace

extern const wire::Operation get_bucket_location_operation;
const wire::Operation get_bucket_location_operation = wire::operation<&get_bucket_location>(
    "GetBucketLocation", {.method = "GET", .path = "/{Bucket}", .required_query = "location"});

}  // namespace mill::s3
