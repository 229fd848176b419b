// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/runtime_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace mill::lambda {
namespace {

using namespace std::string_view_literals;

constexpr std::array ours = {"python3.9"sv,  "python3.10"sv, "python3.11"sv,   "python3.12"sv,
                             "python3.13"sv, "python3.14"sv, "provided.al2"sv, "provided.al2023"sv};
constexpr std::array foreign = {"nodejs18.x"sv, "nodejs20.x"sv, "nodejs22.x"sv, "nodejs24.x"sv,
                                "java8.al2"sv,  "java11"sv,     "java17"sv,     "java21"sv,
                                "java25"sv,     "dotnet8"sv,    "dotnet10"sv,   "ruby3.2"sv,
                                "ruby3.3"sv,    "ruby3.4"sv,    "ruby4.0"sv};
constexpr std::array retired = {
    "nodejs"sv,        "nodejs4.3"sv,  "nodejs6.10"sv,    "nodejs8.10"sv, "nodejs10.x"sv,
    "nodejs12.x"sv,    "nodejs14.x"sv, "nodejs16.x"sv,    "python2.7"sv,  "python3.6"sv,
    "python3.7"sv,     "python3.8"sv,  "java8"sv,         "go1.x"sv,      "dotnetcore1.0"sv,
    "ruby2.5"sv,       "ruby2.7"sv,    "dotnetcore2.0"sv, "provided"sv,   "dotnetcore2.1"sv,
    "dotnetcore3.1"sv, "dotnet6"sv};

bool holds(const auto& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

Result<RuntimeKind> runtime_kind(std::string_view runtime) {
    if (holds(ours, runtime))
        return runtime.starts_with("python") ? RuntimeKind::python : RuntimeKind::provided;
    if (holds(foreign, runtime)) {
        return fail("InvalidParameterValueException",
                    fmt::format("Millrace has no runtime {} yet. It runs: {}.", runtime,
                                fmt::join(ours, ", ")),
                    400);
    }
    if (holds(retired, runtime)) {
        return fail("InvalidParameterValueException",
                    fmt::format("The runtime parameter of {} is no longer supported for creating "
                                "or updating AWS Lambda "
                                "functions. We recommend you use a supported runtime while "
                                "creating or updating functions.",
                                runtime),
                    400);
    }
    return fail("InvalidParameterValueException",
                fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must "
                            "satisfy enum value set: "
                            "[{}, {}] or be a valid ARN",
                            runtime, fmt::join(foreign, ", "), fmt::join(ours, ", ")),
                400);
}

std::string_view python_version(std::string_view runtime) {
    constexpr std::string_view prefix = "python";
    return runtime.starts_with(prefix) ? runtime.substr(prefix.size()) : std::string_view();
}

}  // namespace mill::lambda
