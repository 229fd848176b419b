// SPDX-License-Identifier: Apache-2.0
// CreateBucket. Names are global: a second creation by the owner is an error everywhere but in
// us-east-1. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
#include "services/s3/settings/tagging.h"

namespace mill::s3 {
namespace {

struct CreateBucketConfiguration {
    std::optional<std::string> location_constraint;
    std::optional<TagSet> tags;
    static constexpr auto shape() {
        return wire::structure(
            "CreateBucketConfiguration",
            wire::member<&CreateBucketConfiguration::location_constraint>("LocationConstraint"),
            wire::refused("Location", "Directory buckets are not served."),
            wire::refused("Bucket", "Directory buckets are not served."),
            wire::member<&CreateBucketConfiguration::tags>("Tags"));
    }
};

struct Input {
    std::string bucket;
    std::optional<CreateBucketConfiguration> configuration;
    static constexpr auto shape() {
        return wire::structure(
            "CreateBucketRequest", bucket_member<&Input::bucket>(),
            wire::member<&Input::configuration>("CreateBucketConfiguration").payload(),
            refused_header("ACL", "x-amz-acl", acl_hint).unless("private"),
            refused_header("GrantFullControl", "x-amz-grant-full-control", acl_hint),
            refused_header("GrantRead", "x-amz-grant-read", acl_hint),
            refused_header("GrantReadACP", "x-amz-grant-read-acp", acl_hint),
            refused_header("GrantWriteACP", "x-amz-grant-write-acp", acl_hint),
            refused_header("GrantWrite", "x-amz-grant-write", acl_hint),
            refused_header("ObjectLockEnabledForBucket", "x-amz-bucket-object-lock-enabled",
                           "Objects cannot be locked."),
            refused_header("ObjectOwnership", "x-amz-object-ownership", acl_hint)
                .unless("BucketOwnerEnforced"),
            refused_header("BucketNamespace", "x-amz-bucket-namespace",
                           "Names of buckets are global.")
                .unless("global"));
    }
};

struct Output {
    std::string location;
    static constexpr auto shape() {
        return wire::structure("CreateBucketOutput",
                               wire::member<&Output::location>("Location").header("Location"));
    }
};

constexpr std::string_view default_region = "us-east-1";

Result<std::string> region_of(const Caller& caller, const Input& input) {
    const auto& constraint =
        input.configuration ? input.configuration->location_constraint : std::nullopt;
    if (constraint && *constraint != caller.region) {
        return fail(
            "IllegalLocationConstraintException",
            "The " + *constraint +
                " location constraint is incompatible for the region specific endpoint this "
                "request was sent to.",
            400);
    }
    if (!constraint && caller.region != default_region) {
        return fail("IllegalLocationConstraintException",
                    "The unspecified location constraint is incompatible for the region specific "
                    "endpoint this request was "
                    "sent to.",
                    400);
    }
    return caller.region;
}

// As its setting has them.
Result<std::optional<Bytes>> tags_of(S3& s3, const Bucket& bucket, const Input& input) {
    if (!input.configuration || !input.configuration->tags) return std::optional<Bytes>();
    Tagging tagging{input.configuration->tags};
    MILL_CHECK(tagging.prepare(bucket, s3));
    return std::optional(wire::to_json(tagging));
}

Task<Result<Output>> create_bucket(S3& s3, Caller caller, Input input) {
    if (!is_bucket_name(input.bucket))
        co_return fail("InvalidBucketName", "The specified bucket is not valid.", 400);
    MILL_CO_TRY(std::string region, region_of(caller, input));
    MILL_CO_TRY(auto existing, s3.find_bucket(input.bucket));
    if (existing && existing->account != caller.account) {
        co_return fail("BucketAlreadyExists",
                       "The requested bucket name is not available. The bucket namespace is shared "
                       "by all users of the "
                       "system. Please select a different name and try again.",
                       409);
    }
    if (existing) MILL_CO_CHECK(co_await s3.wait_for_commits());
    if (existing && region != default_region) {
        co_return fail(
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
            409);
    }
    if (!existing) {
        Bucket bucket{input.bucket, caller.account, region, s3.now()};
        MILL_CO_TRY(auto tags, tags_of(s3, bucket, input));
        MILL_CO_CHECK(co_await s3.create_bucket(std::move(bucket), std::move(tags)));
    }
    co_return Output{"/" + input.bucket};
}

}  // namespace

extern const wire::Operation create_bucket_operation;
const wire::Operation create_bucket_operation =
    wire::operation<&create_bucket>("CreateBucket", {.method = "PUT", .path = "/{Bucket}"});

}  // namespace mill::s3
