// SPDX-License-Identifier: Apache-2.0
// What the operations on layers say and answer.
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
#pragma once

#include "services/lambda/functions/function_shapes.h"
#include "services/lambda/layers/layer.h"

namespace mill::lambda {

inline constexpr std::string_view layers_path = "/2018-10-31/layers";
inline constexpr std::string_view layer_versions_path = "/2018-10-31/layers/{LayerName}/versions";
inline constexpr std::string_view layer_version_path =
    "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}";
inline constexpr std::string_view layer_policy_path =
    "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy";

// A layer may name runtimes that are retired, or that Millrace does not have.
inline constexpr std::string_view layer_runtime_values[] = {
    "nodejs",     "nodejs4.3",       "nodejs6.10",     "nodejs8.10",    "nodejs10.x",
    "nodejs12.x", "nodejs14.x",      "nodejs16.x",     "java8",         "java8.al2",
    "java11",     "python2.7",       "python3.6",      "python3.7",     "python3.8",
    "python3.9",  "dotnetcore1.0",   "dotnetcore2.0",  "dotnetcore2.1", "dotnetcore3.1",
    "dotnet6",    "dotnet8",         "nodejs4.3-edge", "go1.x",         "ruby2.5",
    "ruby2.7",    "provided",        "provided.al2",   "nodejs18.x",    "python3.10",
    "java17",     "ruby3.2",         "ruby3.3",        "ruby3.4",       "python3.11",
    "nodejs20.x", "provided.al2023", "python3.12",     "java21",        "python3.13",
    "nodejs22.x", "nodejs24.x",      "python3.14",     "java25",        "dotnet10",
    "ruby4.0"};

template <auto Pointer>
constexpr wire::Member layer_name_member() {
    return wire::member<Pointer>("LayerName")
        .required()
        .length(1, 140)
        .pattern(
            "(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+")
        .uri();
}

struct LayerContentInput {
    std::optional<wire::Blob> zip_file;
    std::optional<std::string> s3_bucket, s3_key, s3_object_version;
    static constexpr auto shape() {
        using C = LayerContentInput;
        return wire::structure(
            "LayerVersionContentInput", wire::member<&C::s3_bucket>("S3Bucket").length(3, 63),
            wire::member<&C::s3_key>("S3Key").length(1, 1024),
            wire::member<&C::s3_object_version>("S3ObjectVersion").length(1, 1024),
            wire::member<&C::zip_file>("ZipFile"));
    }
};

struct PublishLayerVersionInput {
    std::optional<std::string> layer_name, description, license;
    std::optional<LayerContentInput> content;
    std::optional<std::vector<std::string>> runtimes, architectures;

    static constexpr auto shape() {
        using P = PublishLayerVersionInput;
        return wire::structure("PublishLayerVersionRequest", layer_name_member<&P::layer_name>(),
                               wire::member<&P::description>("Description").length(0, 256),
                               wire::member<&P::content>("Content").required(),
                               wire::member<&P::runtimes>("CompatibleRuntimes")
                                   .one_of(layer_runtime_values)
                                   .length(0, 15),
                               wire::member<&P::license>("LicenseInfo").length(0, 512),
                               wire::member<&P::architectures>("CompatibleArchitectures")
                                   .one_of(architecture_values)
                                   .length(0, 2));
    }
};

struct LayerContentOutput {
    std::string code_sha256;
    std::int64_t code_size = 0;
    static constexpr auto shape() {
        using C = LayerContentOutput;
        return wire::structure("LayerVersionContentOutput",
                               wire::member<&C::code_sha256>("CodeSha256"),
                               wire::member<&C::code_size>("CodeSize"));
    }
};

// What PublishLayerVersion and GetLayerVersion answer.
struct LayerVersionOutput {
    LayerContentOutput content;
    std::string layer_arn, layer_version_arn, description, created;
    std::int64_t version = 0;
    std::optional<std::vector<std::string>> runtimes, architectures;
    std::optional<std::string> license;

    static constexpr auto shape() {
        using O = LayerVersionOutput;
        using wire::member;
        return wire::structure(
            "GetLayerVersionResponse", member<&O::content>("Content"),
            member<&O::layer_arn>("LayerArn"), member<&O::layer_version_arn>("LayerVersionArn"),
            member<&O::description>("Description"), member<&O::created>("CreatedDate"),
            member<&O::version>("Version"), member<&O::runtimes>("CompatibleRuntimes"),
            member<&O::license>("LicenseInfo"),
            member<&O::architectures>("CompatibleArchitectures"));
    }
};

struct LayerVersionItem {
    std::string layer_version_arn, description, created;
    std::int64_t version = 0;
    std::optional<std::vector<std::string>> runtimes, architectures;
    std::optional<std::string> license;

    static constexpr auto shape() {
        using O = LayerVersionItem;
        using wire::member;
        return wire::structure(
            "LayerVersionsListItem", member<&O::layer_version_arn>("LayerVersionArn"),
            member<&O::version>("Version"), member<&O::description>("Description"),
            member<&O::created>("CreatedDate"), member<&O::runtimes>("CompatibleRuntimes"),
            member<&O::license>("LicenseInfo"),
            member<&O::architectures>("CompatibleArchitectures"));
    }
};

LayerVersionOutput describe(const LayerVersion& layer);
LayerVersionItem listed(const LayerVersion& layer);

// A version of a layer, in the path.
struct LayerVersionInput {
    std::optional<std::string> layer_name;
    std::optional<std::int64_t> version;
    static constexpr auto shape() {
        using I = LayerVersionInput;
        return wire::structure("GetLayerVersionRequest", layer_name_member<&I::layer_name>(),
                               wire::member<&I::version>("VersionNumber").required().uri());
    }
};

// Which versions a list is to have, and its page.
struct LayerFilter {
    std::optional<std::string> runtime, architecture;
    bool takes(const LayerVersion& layer) const;
};

template <auto Pointer>
constexpr wire::Member runtime_filter_member() {
    return wire::member<Pointer>("CompatibleRuntime")
        .one_of(layer_runtime_values)
        .query("CompatibleRuntime");
}
template <auto Pointer>
constexpr wire::Member architecture_filter_member() {
    return wire::member<Pointer>("CompatibleArchitecture")
        .one_of(architecture_values)
        .query("CompatibleArchitecture");
}
template <auto Pointer>
constexpr wire::Member layer_items_member() {
    return wire::member<Pointer>("MaxItems").range(1, 50).query("MaxItems");
}
constexpr std::int64_t layer_page_items_max = 50;

}  // namespace mill::lambda
