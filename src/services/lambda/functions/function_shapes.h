// SPDX-License-Identifier: Apache-2.0
// What the function operations say and answer.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html Constraints whose breach
// AWS words otherwise (runtime, zip sizes, variables) are checked in settings.cc.
#pragma once

#include "services/lambda/functions/function.h"

namespace mill::lambda {

inline constexpr std::string_view architecture_values[] = {"x86_64", "arm64"};
inline constexpr std::string_view tracing_values[] = {"Active", "PassThrough"};
inline constexpr std::string_view log_format_values[] = {"JSON", "Text"};
inline constexpr std::string_view snap_start_values[] = {"PublishedVersions", "None"};
inline constexpr std::string_view package_type_values[] = {"Zip", "Image"};
inline constexpr std::string_view role_pattern =
    "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";

struct EnvironmentShape {
    std::optional<std::map<std::string, std::string>> variables;
    static constexpr auto shape() {
        return wire::structure("Environment",
                               wire::member<&EnvironmentShape::variables>("Variables"));
    }
};
struct TracingShape {
    std::optional<std::string> mode;
    static constexpr auto shape() {
        return wire::structure("TracingConfig",
                               wire::member<&TracingShape::mode>("Mode").one_of(tracing_values));
    }
};
struct DeadLetterShape {
    std::optional<std::string> target_arn;
    static constexpr auto shape() {
        return wire::structure("DeadLetterConfig",
                               wire::member<&DeadLetterShape::target_arn>("TargetArn")
                                   .pattern("(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"));
    }
};
struct EphemeralStorageShape {
    std::optional<std::int64_t> size;
    static constexpr auto shape() {
        return wire::structure(
            "EphemeralStorage",
            wire::member<&EphemeralStorageShape::size>("Size").required().range(512, 10240));
    }
};
struct LoggingShape {
    std::optional<std::string> log_format;
    std::optional<std::string> log_group;
    static constexpr auto shape() {
        return wire::structure(
            "LoggingConfig",
            wire::member<&LoggingShape::log_format>("LogFormat").one_of(log_format_values),
            wire::member<&LoggingShape::log_group>("LogGroup")
                .length(1, 512)
                .pattern("[\\.\\-_/#A-Za-z0-9]+"),
            wire::refused("ApplicationLogLevel", "Filter when you read the log."),
            wire::refused("SystemLogLevel", "Filter when you read the log."));
    }
};
struct SnapStartShape {
    std::optional<std::string> apply_on;
    static constexpr auto shape() {
        return wire::structure(
            "SnapStart",
            wire::member<&SnapStartShape::apply_on>("ApplyOn").one_of(snap_start_values));
    }
};
struct SnapStartResponse {
    std::string apply_on = "None";
    std::string optimization_status = "Off";
    static constexpr auto shape() {
        return wire::structure(
            "SnapStartResponse", wire::member<&SnapStartResponse::apply_on>("ApplyOn"),
            wire::member<&SnapStartResponse::optimization_status>("OptimizationStatus"));
    }
};
struct RuntimeVersionShape {
    std::string runtime_version_arn;
    static constexpr auto shape() {
        return wire::structure(
            "RuntimeVersionConfig",
            wire::member<&RuntimeVersionShape::runtime_version_arn>("RuntimeVersionArn"));
    }
};

struct FunctionCode {
    std::optional<wire::Blob> zip_file;
    std::optional<std::string> s3_bucket;
    std::optional<std::string> s3_key;
    std::optional<std::string> s3_object_version;
    std::optional<std::string> image_uri;
    static constexpr auto shape() {
        using C = FunctionCode;
        return wire::structure(
            "FunctionCode", wire::member<&C::zip_file>("ZipFile"),
            wire::member<&C::s3_bucket>("S3Bucket").length(3, 63),
            wire::member<&C::s3_key>("S3Key").length(1, 1024),
            wire::member<&C::s3_object_version>("S3ObjectVersion").length(1, 1024),
            wire::member<&C::image_uri>("ImageUri"),
            wire::refused("SourceKMSKeyArn", "Leave it out: code is stored unencrypted."));
    }
};

struct CreateFunctionInput {
    std::optional<std::string> function_name, runtime, role, handler;
    std::optional<FunctionCode> code;
    std::optional<std::string> description;
    std::optional<std::int64_t> timeout, memory_size;
    std::optional<bool> publish;
    std::optional<std::string> package_type;
    std::optional<EnvironmentShape> environment;
    std::optional<TracingShape> tracing_config;
    std::optional<std::map<std::string, std::string>> tags;
    std::optional<std::vector<std::string>> layers;
    std::optional<std::vector<std::string>> architectures;
    std::optional<EphemeralStorageShape> ephemeral_storage;
    std::optional<SnapStartShape> snap_start;
    std::optional<LoggingShape> logging_config;
    std::optional<DeadLetterShape> dead_letter_config;

    static constexpr auto shape() {
        using C = CreateFunctionInput;
        return wire::structure(
            "CreateFunctionRequest", wire::member<&C::function_name>("FunctionName").required(),
            wire::member<&C::runtime>("Runtime"),
            wire::member<&C::role>("Role").required().pattern(role_pattern),
            wire::member<&C::handler>("Handler").length(0, 128).pattern("[^\\s]+"),
            wire::member<&C::code>("Code").required(),
            wire::member<&C::description>("Description").length(0, 256),
            wire::member<&C::timeout>("Timeout").range(1, 900),
            wire::member<&C::memory_size>("MemorySize").range(128, 10240),
            wire::member<&C::publish>("Publish"),
            wire::member<&C::package_type>("PackageType").one_of(package_type_values),
            wire::member<&C::environment>("Environment"),
            wire::member<&C::tracing_config>("TracingConfig"), wire::member<&C::tags>("Tags"),
            wire::member<&C::layers>("Layers").item_length(1, 140),
            wire::member<&C::architectures>("Architectures")
                .one_of(architecture_values)
                .length(1, 1),
            wire::member<&C::ephemeral_storage>("EphemeralStorage"),
            wire::member<&C::snap_start>("SnapStart"),
            wire::member<&C::logging_config>("LoggingConfig"),
            wire::refused("CodeSigningConfigArn", "Leave it out: code is not signed."),
            wire::refused("TenancyConfig", "Leave it out."),
            wire::refused("PublishTo", "Leave it out: give Publish instead."),
            wire::refused("VpcConfig", "Functions use the network of this machine."),
            wire::member<&C::dead_letter_config>("DeadLetterConfig"),
            wire::refused("FileSystemConfigs", "Use /tmp."),
            wire::refused("ImageConfig", "Use a zip."),
            wire::refused("KMSKeyArn", "Leave it out: variables are stored unencrypted."),
            wire::refused("DurableConfig", "Leave it out."),
            wire::refused("CapacityProviderConfig", "Leave it out."));
    }
};

struct UpdateFunctionCodeInput {
    std::optional<std::string> function_name;
    std::optional<wire::Blob> zip_file;
    std::optional<std::string> s3_bucket, s3_key, s3_object_version, image_uri;
    std::optional<bool> publish, dry_run;
    std::optional<std::string> revision_id;
    std::optional<std::vector<std::string>> architectures;

    static constexpr auto shape() {
        using U = UpdateFunctionCodeInput;
        return wire::structure(
            "UpdateFunctionCodeRequest",
            wire::member<&U::function_name>("FunctionName").required().uri(),
            wire::member<&U::zip_file>("ZipFile"),
            wire::member<&U::s3_bucket>("S3Bucket").length(3, 63),
            wire::member<&U::s3_key>("S3Key").length(1, 1024),
            wire::member<&U::s3_object_version>("S3ObjectVersion").length(1, 1024),
            wire::member<&U::image_uri>("ImageUri"), wire::member<&U::publish>("Publish"),
            wire::member<&U::dry_run>("DryRun"), wire::member<&U::revision_id>("RevisionId"),
            wire::member<&U::architectures>("Architectures")
                .one_of(architecture_values)
                .length(1, 1),
            wire::refused("SourceKMSKeyArn", "Leave it out: code is stored unencrypted."),
            wire::refused("PublishTo", "Leave it out: give Publish instead."));
    }
};

struct UpdateFunctionConfigurationInput {
    std::optional<std::string> function_name, role, handler, description;
    std::optional<std::int64_t> timeout, memory_size;
    std::optional<EnvironmentShape> environment;
    std::optional<std::string> runtime;
    std::optional<TracingShape> tracing_config;
    std::optional<std::string> revision_id;
    std::optional<std::vector<std::string>> layers;
    std::optional<EphemeralStorageShape> ephemeral_storage;
    std::optional<SnapStartShape> snap_start;
    std::optional<LoggingShape> logging_config;
    std::optional<DeadLetterShape> dead_letter_config;

    static constexpr auto shape() {
        using U = UpdateFunctionConfigurationInput;
        return wire::structure(
            "UpdateFunctionConfigurationRequest",
            wire::member<&U::function_name>("FunctionName").required().uri(),
            wire::member<&U::role>("Role").pattern(role_pattern),
            wire::member<&U::handler>("Handler").length(0, 128).pattern("[^\\s]+"),
            wire::member<&U::description>("Description").length(0, 256),
            wire::member<&U::timeout>("Timeout").range(1, 900),
            wire::member<&U::memory_size>("MemorySize").range(128, 10240),
            wire::member<&U::environment>("Environment"), wire::member<&U::runtime>("Runtime"),
            wire::member<&U::tracing_config>("TracingConfig"),
            wire::member<&U::revision_id>("RevisionId"),
            wire::member<&U::layers>("Layers").item_length(1, 140),
            wire::member<&U::ephemeral_storage>("EphemeralStorage"),
            wire::member<&U::snap_start>("SnapStart"),
            wire::member<&U::logging_config>("LoggingConfig"),
            wire::refused("VpcConfig", "Functions use the network of this machine."),
            wire::member<&U::dead_letter_config>("DeadLetterConfig"),
            wire::refused("FileSystemConfigs", "Use /tmp."),
            wire::refused("ImageConfig", "Use a zip."),
            wire::refused("KMSKeyArn", "Leave it out: variables are stored unencrypted."),
            wire::refused("DurableConfig", "Leave it out."),
            wire::refused("CapacityProviderConfig", "Leave it out."));
    }
};

struct PublishVersionInput {
    std::optional<std::string> function_name, code_sha256, description, revision_id;

    static constexpr auto shape() {
        using P = PublishVersionInput;
        return wire::structure(
            "PublishVersionRequest",
            wire::member<&P::function_name>("FunctionName").required().uri(),
            wire::member<&P::code_sha256>("CodeSha256"),
            wire::member<&P::description>("Description").length(0, 256),
            wire::member<&P::revision_id>("RevisionId"),
            wire::refused("PublishTo", "Leave it out: functions run on demand."));
    }
};

// What clients see of a change: create and update answer with the transitional value, everything
// later with the final one. Lists are without states; where
// they are of versions, the ARN of $LATEST says so.
enum class Shown { created, updated, settled, listed, listed_version };

struct LayerShape {
    std::string arn;
    std::int64_t code_size = 0;
    static constexpr auto shape() {
        return wire::structure("Layer", wire::member<&LayerShape::arn>("Arn"),
                               wire::member<&LayerShape::code_size>("CodeSize"));
    }
};

struct FunctionConfiguration {
    std::string function_name, function_arn;
    std::string runtime, role, handler;
    std::int64_t code_size = 0;
    std::string description;
    std::int64_t timeout = 0, memory_size = 0;
    std::string last_modified, code_sha256, version = "$LATEST";
    std::optional<EnvironmentShape> environment;
    TracingShape tracing_config;
    std::optional<std::vector<LayerShape>> layers;
    std::string revision_id;
    std::optional<std::string> state, state_reason, state_reason_code;
    std::optional<std::string> last_update_status, last_update_status_reason,
        last_update_status_reason_code;
    std::string package_type = "Zip";
    std::vector<std::string> architectures;
    EphemeralStorageShape ephemeral_storage;
    SnapStartResponse snap_start;
    RuntimeVersionShape runtime_version_config;
    LoggingShape logging_config;
    std::optional<DeadLetterShape> dead_letter_config;

    static constexpr auto shape() {
        using F = FunctionConfiguration;
        return wire::structure(
            "FunctionConfiguration", wire::member<&F::function_name>("FunctionName"),
            wire::member<&F::function_arn>("FunctionArn"), wire::member<&F::runtime>("Runtime"),
            wire::member<&F::role>("Role"), wire::member<&F::handler>("Handler"),
            wire::member<&F::code_size>("CodeSize"), wire::member<&F::description>("Description"),
            wire::member<&F::timeout>("Timeout"), wire::member<&F::memory_size>("MemorySize"),
            wire::member<&F::last_modified>("LastModified"),
            wire::member<&F::code_sha256>("CodeSha256"), wire::member<&F::version>("Version"),
            wire::member<&F::environment>("Environment"),
            wire::member<&F::tracing_config>("TracingConfig"), wire::member<&F::layers>("Layers"),
            wire::member<&F::revision_id>("RevisionId"), wire::member<&F::state>("State"),
            wire::member<&F::state_reason>("StateReason"),
            wire::member<&F::state_reason_code>("StateReasonCode"),
            wire::member<&F::last_update_status>("LastUpdateStatus"),
            wire::member<&F::last_update_status_reason>("LastUpdateStatusReason"),
            wire::member<&F::last_update_status_reason_code>("LastUpdateStatusReasonCode"),
            wire::member<&F::package_type>("PackageType"),
            wire::member<&F::architectures>("Architectures"),
            wire::member<&F::ephemeral_storage>("EphemeralStorage"),
            wire::member<&F::snap_start>("SnapStart"),
            wire::member<&F::runtime_version_config>("RuntimeVersionConfig"),
            wire::member<&F::logging_config>("LoggingConfig"),
            wire::member<&F::dead_letter_config>("DeadLetterConfig"));
    }
};

// The ARN of a version has its number.
FunctionConfiguration configuration_of(const Function& function, Shown shown);
std::string code_sha256_base64(const Function& function);
std::string runtime_version_arn(const Function& function);
std::string base64_of_hex(std::string_view digits);

}  // namespace mill::lambda
