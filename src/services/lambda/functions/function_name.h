// SPDX-License-Identifier: Apache-2.0
// How a caller may name a function: name, partial ARN or full ARN, each with or without a
// qualifier.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/caller.h"
#include "base/result.h"

namespace mill::lambda {

inline constexpr std::string_view latest_version = "$LATEST";

struct FunctionId {
    std::string account, region, name;
    std::string arn() const;
    std::string text() const { return account + "/" + region + "/" + name; }  // in table keys
    auto operator<=>(const FunctionId&) const = default;
};

struct FunctionReference {
    FunctionId id;
    std::string qualifier;    // as given; empty if none was
    std::string arn() const;  // with the qualifier, if there is one
    bool is_latest() const { return qualifier.empty() || qualifier == latest_version; }
};

// `qualifier` is the request's own; it must agree with one in the name.
Result<FunctionReference> parse_function_name(const Caller& caller, std::string_view text,
                                              std::string_view qualifier);

// Of an operation on whole functions. InvalidParameterValueException for a version or an alias.
Result<FunctionReference> parse_unqualified_name(const Caller& caller, std::string_view text);
// The number of a version as AWS writes it, without zeros before it; empty if the qualifier is
// none.
std::optional<std::int64_t> version_number(std::string_view qualifier);

Error function_not_found(const std::string& arn);

}  // namespace mill::lambda
