// SPDX-License-Identifier: Apache-2.0
// Shapes that several operations share.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/stack.h"
#include "services/cloudformation/template.h"
#include "wire/shape.h"

namespace mill::cloudformation {

inline constexpr std::array<std::string_view, 3> capability_names = {
    "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"};
inline constexpr std::array<std::string_view, 23> stack_statuses = {
    "CREATE_IN_PROGRESS",
    "CREATE_FAILED",
    "CREATE_COMPLETE",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS",
    "DELETE_FAILED",
    "DELETE_COMPLETE",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_COMPLETE"};

inline constexpr std::string_view stack_name_pattern = "[a-zA-Z][-a-zA-Z0-9]*";
inline constexpr std::string_view stack_name_or_id_pattern =
    R"(([a-zA-Z][-a-zA-Z0-9]*)|(arn:\b(aws|aws-us-gov|aws-cn)\b:[-a-zA-Z0-9:/._+]*))";

template <auto Pointer>
constexpr wire::Member client_request_token_member() {
    return wire::member<Pointer>("ClientRequestToken")
        .pattern("[a-zA-Z0-9][-a-zA-Z0-9]*")
        .length(1, 128);
}

struct ParameterInput {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::optional<bool> use_previous_value;

    static constexpr auto shape() {
        return wire::structure(
            "Parameter", wire::member<&ParameterInput::key>("ParameterKey").required(),
            wire::member<&ParameterInput::value>("ParameterValue"),
            wire::member<&ParameterInput::use_previous_value>("UsePreviousValue"));
    }
};

struct ParameterOutput {
    std::string key;
    std::string value;
    std::optional<std::string> resolved_value;  // of the parameter store

    static constexpr auto shape() {
        return wire::structure("Parameter", wire::member<&ParameterOutput::key>("ParameterKey"),
                               wire::member<&ParameterOutput::value>("ParameterValue"),
                               wire::member<&ParameterOutput::resolved_value>("ResolvedValue"));
    }
};

inline ParameterOutput shown(const Parameter& parameter) {
    if (!parameter.no_echo) return {parameter.key, parameter.value, parameter.resolved};
    ParameterOutput hidden{parameter.key, "****", std::nullopt};
    if (parameter.resolved) hidden.resolved_value = "****";
    return hidden;
}

struct DriftInformation {
    std::string status = "NOT_CHECKED";

    static constexpr auto shape() {
        return wire::structure("DriftInformation",
                               wire::member<&DriftInformation::status>("StackDriftStatus"));
    }
};

struct ResourceDriftInformation {
    std::string status = "NOT_CHECKED";

    static constexpr auto shape() {
        return wire::structure("DriftInformation", wire::member<&ResourceDriftInformation::status>(
                                                       "StackResourceDriftStatus"));
    }
};

struct StackIdOutput {
    std::string stack_id;

    static constexpr auto shape() {
        return wire::structure("StackIdOutput", wire::member<&StackIdOutput::stack_id>("StackId"));
    }
};

std::vector<GivenParameter> given_parameters(
    const std::optional<std::vector<ParameterInput>>& inputs);

// Ours: what a page of a list holds.
constexpr std::int64_t page_size = 100;
// A position in a list as NextToken carries it. "Invalid NextToken" if it is not one of ours.
std::string page_token(std::int64_t position);
Result<std::int64_t> page_position(const std::optional<std::string>& token, std::int64_t first);

}  // namespace mill::cloudformation
