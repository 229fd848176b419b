// SPDX-License-Identifier: Apache-2.0
// AWS::S3::Bucket and AWS::S3::BucketPolicy for CloudFormation, whose names for settings are not
// those of the API.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
#include <fmt/format.h>

#include <algorithm>

#include "services/s3/declarations.h"
#include "services/s3/policy.h"
#include "services/s3/resource_settings.h"

namespace mill::s3 {
namespace {

constexpr std::string_view bucket_type = "AWS::S3::Bucket";
constexpr std::array<std::string_view, 2> resource_types = {bucket_type, "AWS::S3::BucketPolicy"};

bool is_bucket(std::string_view type) { return type == bucket_type; }

Failure invalid_property(std::string message) {
    return fail("ValidationException", std::move(message), 400);
}

ports::Resource describe(const Bucket& bucket) {
    ports::Resource resource;
    resource.physical_id = bucket.name;
    resource.attributes["Arn"] = "arn:aws:s3:::" + bucket.name;
    resource.attributes["DomainName"] = bucket.name + ".s3.amazonaws.com";
    resource.attributes["RegionalDomainName"] =
        fmt::format("{}.s3.{}.amazonaws.com", bucket.name, bucket.region);
    resource.attributes["DualStackDomainName"] =
        fmt::format("{}.s3.dualstack.{}.amazonaws.com", bucket.name, bucket.region);
    resource.attributes["WebsiteURL"] =
        fmt::format("http://{}.s3-website-{}.amazonaws.com", bucket.name, bucket.region);
    return resource;
}

std::string bucket_name(const ports::ResourceRequest& request) {
    std::string generated = request.generated_name;
    std::ranges::transform(generated, generated.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    constexpr std::size_t name_length_max = 63;
    // The random end makes it unique: what is too long goes from the front's end.
    if (generated.size() > name_length_max) {
        constexpr std::size_t random_end = 13;  // with its hyphen
        generated = generated.substr(0, name_length_max - random_end) +
                    generated.substr(generated.size() - random_end);
    }
    return wire::text_of(request.properties, "BucketName", std::move(generated));
}

std::string policy_bucket(const wire::Value& properties) {
    return wire::text_of(properties, "Bucket");
}

}  // namespace

std::span<const std::string_view> S3::types() const { return resource_types; }

std::span<const std::string_view> S3::create_only(std::string_view type) const {
    static constexpr std::string_view of_bucket[] = {"BucketName"};
    static constexpr std::string_view of_policy[] = {"Bucket"};
    return is_bucket(type) ? std::span(of_bucket) : std::span(of_policy);
}

Task<Result<ports::Resource>> S3::create(ports::ResourceRequest request) {
    if (!is_bucket(request.type)) co_return co_await put_policy(std::move(request));
    MILL_CO_CHECK(check_bucket_properties(request.properties));
    Bucket bucket{bucket_name(request), request.caller.account, request.caller.region, now()};
    if (!is_bucket_name(bucket.name))
        co_return invalid_property(
            fmt::format("Bucket name {} is not valid: use 3 to 63 lower case letters, digits, "
                        "hyphens and periods",
                        bucket.name));
    MILL_CO_TRY(const auto existing, find_bucket(bucket.name));
    if (existing) co_return fail("AlreadyExists", bucket.name + " already exists", 400);
    MILL_CO_CHECK(co_await create_bucket(bucket));
    const auto set = co_await apply_properties(*this, bucket, request.properties, wire::Value());
    if (!set) {
        MILL_CO_CHECK(co_await delete_bucket(bucket.name));
        co_return std::unexpected(set.error());
    }
    co_return describe(bucket);
}

Task<Result<ports::Resource>> S3::update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) {
    if (!is_bucket(request.type)) {
        if (policy_bucket(request.properties) != policy_bucket(old_properties))
            co_return fail("resource.replace", "the bucket of a policy cannot change");
        co_return co_await put_policy(std::move(request));
    }
    if (wire::text_of(request.properties, "BucketName") !=
        wire::text_of(old_properties, "BucketName"))
        co_return fail("resource.replace", "the name of a bucket cannot change");
    MILL_CO_CHECK(check_bucket_properties(request.properties));
    MILL_CO_TRY(const Bucket found, bucket(request.caller, physical_id));
    MILL_CO_CHECK(
        co_await apply_properties(*this, found, request.properties, std::move(old_properties)));
    co_return describe(found);
}

Task<Result<void>> S3::remove(ports::ResourceRequest request, std::string physical_id) {
    const std::string name =
        is_bucket(request.type) ? std::move(physical_id) : policy_bucket(request.properties);
    const auto found = bucket(request.caller, name);
    if (!found && found.error().code == "NoSuchBucket") co_return Result<void>();
    if (!found) co_return std::unexpected(found.error());
    if (is_bucket(request.type)) co_return co_await delete_bucket(name);
    co_return co_await put_setting(name, std::string(policy_setting), std::nullopt);
}

Task<Result<ports::Resource>> S3::put_policy(ports::ResourceRequest request) {
    const wire::Value* document = request.properties.find("PolicyDocument");
    const std::string name = policy_bucket(request.properties);
    if (!document || name.empty())
        co_return invalid_property(
            "Property validation failure: [The properties {/PolicyDocument} and {/Bucket} are "
            "required]");
    MILL_CO_TRY(Bucket found, bucket(request.caller, name));
    const std::string* text = document->string();
    MILL_CO_CHECK(
        co_await store_policy(*this, std::move(found), text ? *text : wire::write_json(*document)));
    ports::Resource resource;
    resource.physical_id = name;
    co_return resource;
}

}  // namespace mill::s3
