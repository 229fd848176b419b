// SPDX-License-Identifier: Apache-2.0
// Reserved concurrency as the API says it.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
#pragma once

#include <optional>
#include <string>

#include "wire/shape.h"

namespace mill::lambda {

// So many invocations functions without a reservation always may have.
inline constexpr std::int64_t unreserved_min = 100;

struct ConcurrencyReference {
    std::optional<std::string> function_name;
    static constexpr auto shape() {
        return wire::structure(
            "FunctionConcurrencyRequest",
            wire::member<&ConcurrencyReference::function_name>("FunctionName").required().uri());
    }
};

struct Concurrency {
    std::optional<std::int64_t> reserved;
    static constexpr auto shape() {
        return wire::structure(
            "Concurrency", wire::member<&Concurrency::reserved>("ReservedConcurrentExecutions"));
    }
};

}  // namespace mill::lambda
