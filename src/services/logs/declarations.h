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

constexpr std::string_view distributions[] = {"Random", "ByLogStream"};
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

template <auto Pointer>
constexpr wire::Member filter_name_member(std::string_view name = "filterName") {
    return wire::member<Pointer>(name)
        .pattern(stream_name_pattern)
        .length(1, limits::logs::name_length_max);
}

constexpr std::int64_t tags_max = 50, tag_key_length_max = 128, tag_value_length_max = 256;
template <auto Pointer>
constexpr wire::Member tags_member() {
    return wire::member<Pointer>("tags")
        .length(1, tags_max)
        .key_length(1, tag_key_length_max)
        .item_length(0, tag_value_length_max);
}
// The ARN of a log group. ResourceNotFoundException.
template <auto Pointer>
constexpr wire::Member resource_arn_member() {
    return wire::member<Pointer>("resourceArn")
        .required()
        .length(1, 1011)
        .pattern(R"([\w+=/:,.@-]*)");
}
Result<GroupPointer> tagged_group(const Logs& logs, const Caller& caller, const std::string& arn);
// TooManyTagsException
Result<Tags> with_tags(Tags tags, const Tags& added);

// A page's nextToken is its last name. InvalidParameterException; "" without a token.
std::string token_of_name(std::string_view name);
Result<std::string> name_of_token(const std::optional<std::string>& token);

Result<void> check_retention(std::int64_t days);
Failure invalid_parameter(std::string message);
Failure group_not_found();
Failure stream_not_found();

}  // namespace mill::logs
