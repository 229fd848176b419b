// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/function_shapes.h"

#include <fmt/format.h>

namespace mill::lambda {

std::string base64_of_hex(std::string_view digits) {
    Bytes raw;
    const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        raw += static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1]));
    }
    return base64_encode(raw);
}

namespace {

void show_state(FunctionConfiguration& out, Shown shown) {
    switch (shown) {
        case Shown::listed:
        case Shown::listed_version:
            return;
        case Shown::created:
            out.state = "Pending";
            out.state_reason = "The function is being created.";
            out.state_reason_code = "Creating";
            return;
        case Shown::updated:
            out.state = "Active";
            out.last_update_status = "InProgress";
            out.last_update_status_reason = "The function is being created.";
            out.last_update_status_reason_code = "Creating";
            return;
        case Shown::settled:
            out.state = "Active";
            out.last_update_status = "Successful";
            return;
    }
}

}  // namespace

std::string code_sha256_base64(const Function& function) {
    return base64_of_hex(function.code_sha256);
}

std::string runtime_version_arn(const Function& function) {
    return fmt::format("arn:aws:lambda:{}::runtime:{}", function.region,
                       hex(sha256(function.runtime)));
}

FunctionConfiguration configuration_of(const Function& function, Shown shown) {
    FunctionConfiguration out{
        .function_name = function.name,
        .function_arn = function.arn(),
        .runtime = function.runtime,
        .role = function.role,
        .handler = function.handler,
        .code_size = function.code_bytes,
        .description = function.description,
        .timeout = function.timeout_seconds,
        .memory_size = function.memory_mb,
        .last_modified = function.last_modified,
        .code_sha256 = code_sha256_base64(function),
        .version = function.version,
        .tracing_config = {function.tracing_mode},
        .revision_id = function.revision_id,
        .architectures = function.architectures,
        .ephemeral_storage = {function.scratch_mb},
        .runtime_version_config = {runtime_version_arn(function)},
        .logging_config = {"Text", function.effective_log_group()},
    };
    if (shown == Shown::listed_version) out.function_arn = function.id().arn() + ":" + out.version;
    if (!function.dead_letter_arn.empty())
        out.dead_letter_config = DeadLetterShape{function.dead_letter_arn};
    if (function.variables) out.environment = EnvironmentShape{*function.variables};
    for (const FunctionLayer& layer : function.layers) {
        if (!out.layers) out.layers.emplace();
        out.layers->push_back({layer.arn, layer.code_bytes});
    }
    show_state(out, shown);
    return out;
}

}  // namespace mill::lambda
