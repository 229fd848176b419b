// SPDX-License-Identifier: Apache-2.0
// What the declarations of several operations share. CloudWatch Logs calls a violated shape
// InvalidParameterException.
#pragma once

#include "model/limits.h"
#include "services/logs/logs.h"
#include "wire/operation.h"

namespace mill::logs {

namespace detail {

template <auto Handler>
Task<Result<wire::Output>> invoke(void* service, Caller caller, wire::Input input) {
    auto output =
        co_await wire::detail::invoke<Handler>(service, std::move(caller), std::move(input));
    if (!output && (output.error().code == "ValidationException" ||
                    output.error().code == wire::unsupported_member))
        output.error().code = "InvalidParameterException";
    co_return output;
}

}  // namespace detail

template <auto Handler>
wire::Operation operation(std::string_view name) {
    wire::Operation made = wire::operation<Handler>(name);
    made.invoke = &detail::invoke<Handler>;
    return made;
}

constexpr std::string_view group_name_pattern = R"([\.\-_/#A-Za-z0-9]+)";
constexpr std::string_view stream_name_pattern = "[^:*]*";
constexpr std::string_view group_identifier_pattern = R"([\w#+=/:,.@-]*)";

template <auto Pointer>
constexpr wire::Member group_name_member(std::string_view name = "logGroupName") {
    return wire::member<Pointer>(name)
        .pattern(group_name_pattern)
        .length(1, limits::logs::name_length_max);
}
template <auto Pointer>
constexpr wire::Member group_identifier_member() {
    return wire::member<Pointer>("logGroupIdentifier")
        .pattern(group_identifier_pattern)
        .length(1, 2048);
}
template <auto Pointer>
constexpr wire::Member stream_name_member(std::string_view name = "logStreamName") {
    return wire::member<Pointer>(name)
        .pattern(stream_name_pattern)
        .length(1, limits::logs::name_length_max);
}

Failure invalid_parameter(std::string message);
Failure group_not_found();
Failure stream_not_found();

}  // namespace mill::logs
