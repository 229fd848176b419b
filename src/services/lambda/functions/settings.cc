// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/arn.h"
#include "services/lambda/functions/runtime_names.h"

namespace mill::lambda {
namespace {

constexpr std::size_t variables_bytes_max = 4096;

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
constexpr std::array<std::string_view, 18> reserved_names = {"_HANDLER",
                                                             "_X_AMZN_TRACE_ID",
                                                             "AWS_DEFAULT_REGION",
                                                             "AWS_REGION",
                                                             "AWS_EXECUTION_ENV",
                                                             "AWS_LAMBDA_FUNCTION_NAME",
                                                             "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                             "AWS_LAMBDA_FUNCTION_VERSION",
                                                             "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                             "AWS_LAMBDA_LOG_GROUP_NAME",
                                                             "AWS_LAMBDA_LOG_STREAM_NAME",
                                                             "AWS_ACCESS_KEY",
                                                             "AWS_ACCESS_KEY_ID",
                                                             "AWS_SECRET_ACCESS_KEY",
                                                             "AWS_SESSION_TOKEN",
                                                             "AWS_LAMBDA_RUNTIME_API",
                                                             "LAMBDA_TASK_ROOT",
                                                             "LAMBDA_RUNTIME_DIR"};

Failure invalid(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}

bool is_variable_name(std::string_view name) {  // [a-zA-Z]([a-zA-Z0-9_])+
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return name.size() >= 2 && letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Result<void> check_variables(const std::map<std::string, std::string>& variables) {
    std::string reserved;
    for (const auto& [name, value] : variables) {
        if (std::find(reserved_names.begin(), reserved_names.end(), name) != reserved_names.end()) {
            reserved += (reserved.empty() ? "" : ", ") + name;
        } else if (!is_variable_name(name)) {
            return fail(
                "ValidationException",
                fmt::format(
                    "1 validation error detected: Value at 'environment.variables' failed to "
                    "satisfy "
                    "constraint: Map keys must satisfy constraint: [Member must satisfy regular "
                    "expression pattern: [a-zA-Z]([a-zA-Z0-9_])+] ('{}')",
                    name),
                400);
        }
    }
    if (!reserved.empty()) {
        return invalid(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have "
            "provided contains reserved keys that are currently not supported for modification. "
            "Reserved keys used in "
            "this request: " +
            reserved);
    }
    wire::Value measured = wire::Value::map();
    for (const auto& [name, value] : variables) measured[name] = value;
    if (const std::string json = wire::write_json(measured); json.size() > variables_bytes_max) {
        return invalid(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have "
            "provided exceeded the 4KB limit. String measured: " +
            json);
    }
    return {};
}

Result<void> check_unsupported(const Settings& settings) {
    if (settings.snap_start && settings.snap_start->apply_on == "PublishedVersions")
        return not_supported("SnapStart");
    if (settings.logging_config && settings.logging_config->log_format == "JSON") {
        return not_supported("LoggingConfig with LogFormat JSON");
    }
    return {};
}

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
Result<void> check_dead_letter_target(const std::string& text) {
    if (text.empty()) return {};
    const auto arn = model::parse_arn(text);
    const bool is_known = arn && (arn->service == "sqs" || arn->service == "sns");
    if (is_known && !arn->resource.ends_with(".fifo")) return {};
    return invalid(
        fmt::format("The dead letter target {} is invalid: it must be a standard SQS queue or a "
                    "standard SNS topic.",
                    text));
}

}  // namespace

Failure not_supported(std::string_view what) {
    return invalid(fmt::format("Millrace does not support {} of functions yet.", what));
}

Result<void> apply(const Settings& settings, Function& function) {
    if (settings.runtime) {
        MILL_CHECK(runtime_kind(*settings.runtime));
        function.runtime = *settings.runtime;
    }
    MILL_CHECK(check_unsupported(settings));
    if (settings.environment) {
        if (settings.environment->variables)
            MILL_CHECK(check_variables(*settings.environment->variables));
        function.variables =
            settings.environment->variables.value_or(std::map<std::string, std::string>());
    }
    if (settings.dead_letter_config) {
        const std::string target = settings.dead_letter_config->target_arn.value_or("");
        MILL_CHECK(check_dead_letter_target(target));
        function.dead_letter_arn = target;
    }
    if (settings.role) function.role = *settings.role;
    if (settings.handler) function.handler = *settings.handler;
    if (settings.description) function.description = *settings.description;
    if (settings.timeout) function.timeout_seconds = *settings.timeout;
    if (settings.memory_size) function.memory_mb = *settings.memory_size;
    if (settings.tracing_config && settings.tracing_config->mode)
        function.tracing_mode = *settings.tracing_config->mode;
    if (settings.ephemeral_storage) function.scratch_mb = *settings.ephemeral_storage->size;
    if (settings.logging_config && settings.logging_config->log_group) {
        // Naming the default group is the same as naming none.
        const std::string& group = *settings.logging_config->log_group;
        function.log_group = group == "/aws/lambda/" + function.name ? std::string() : group;
    }
    return {};
}

}  // namespace mill::lambda
