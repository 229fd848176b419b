// SPDX-License-Identifier: Apache-2.0
// Errors are values. A function that can fail returns Result<T>; what cannot happen is asserted
// (assert.h).
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace mill {

// What went wrong, in words a user can act on.
//
// `code` is an AWS error code ("ResourceNotFoundException") where the error may reach a client,
// else a dotted name of our own ("io.no_space"). `status` is the HTTP status that AWS answers such
// an error with; 0 means that the error was never meant for a client, who sees InternalFailure
// (500) without the message; but for "storage.corrupt", which says what to do.
struct Error {
    std::string code;
    std::string message;
    int status = 0;

    bool operator==(const Error&) const = default;
};

template <class T = void>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

// fail("io.not_found", "...") for internal errors, fail("ValidationException", "...", 400) for
// those of AWS.
inline Failure fail(std::string code, std::string message, int status = 0) {
    return Failure(Error{std::move(code), std::move(message), status});
}

}  // namespace mill

#define MILL_CONCAT_(a, b) a##b
#define MILL_CONCAT(a, b) MILL_CONCAT_(a, b)
#define MILL_TRY_(temporary, declaration, return_word, ...)                    \
    auto temporary = (__VA_ARGS__);                                            \
    if (!temporary) return_word std::unexpected(std::move(temporary).error()); \
    declaration = *std::move(temporary)
// MILL_TRY(auto value, expression): the value, or return the error. MILL_CO_TRY inside coroutines.
#define MILL_TRY(declaration, ...) \
    MILL_TRY_(MILL_CONCAT(result_, __LINE__), declaration, return, __VA_ARGS__)
#define MILL_CO_TRY(declaration, ...) \
    MILL_TRY_(MILL_CONCAT(result_, __LINE__), declaration, co_return, __VA_ARGS__)
// For Result<void>: MILL_CHECK(expression), MILL_CO_CHECK(expression).
#define MILL_CHECK(...)                                          \
    do {                                                         \
        if (auto checked_ = (__VA_ARGS__); !checked_)            \
            return std::unexpected(std::move(checked_).error()); \
    } while (false)
#define MILL_CO_CHECK(...)                                          \
    do {                                                            \
        if (auto checked_ = (__VA_ARGS__); !checked_)               \
            co_return std::unexpected(std::move(checked_).error()); \
    } while (false)
