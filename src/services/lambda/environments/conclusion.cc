// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/environments/conclusion.h"

#include <fmt/format.h>

#include "wire/value.h"

namespace mill::lambda {
namespace {

Bytes error_payload(std::string_view type, const std::string& request_id,
                    const std::string& message) {
    wire::Value payload = wire::Value::map();
    payload["errorType"] = type;
    payload["errorMessage"] = fmt::format("RequestId: {} Error: {}", request_id, message);
    return wire::write_json(payload);
}

Conclusion timed_out(const std::string& request_id, const Function& function, WallTime now) {
    const std::string text =
        fmt::format("Task timed out after {}.00 seconds", function.timeout_seconds);
    return {.failed = true,
            .payload = error_payload("Sandbox.Timedout", request_id, text),
            .log_line = fmt::format("{} {} {}\n\n", iso8601_ms(now), request_id, text),
            .status = "timeout",
            .error_type = "Sandbox.Timedout"};
}

Conclusion ended(std::string type, const std::string& request_id, const std::string& message) {
    return {.failed = true,
            .payload = error_payload(type, request_id, message),
            .log_line = fmt::format("RequestId: {} Error: {}\n{}\n", request_id, message, type),
            .status = "error",
            .error_type = std::move(type)};
}

}  // namespace

Conclusion conclude(const Ending& ending, const std::string& request_id, const Function& function,
                    WallTime now) {
    switch (ending.kind) {
        case Ending::Kind::ready:
        case Ending::Kind::answered:
            return {.payload = ending.body.empty() ? "null" : ending.body};
        case Ending::Kind::failed:
            return {.failed = true,
                    .payload = ending.body,
                    .status = "error",
                    .error_type = ending.error_type};
        case Ending::Kind::timed_out:
            return timed_out(request_id, function, now);
        case Ending::Kind::exited: {
            const bool silent = ending.exit.code == 0 && ending.exit.signal == 0;
            return ended("Runtime.ExitError", request_id,
                         silent ? "Runtime exited without providing a reason"
                                : "Runtime exited with error: " + ending.exit.text());
        }
        case Ending::Kind::not_started:
            return ended("Runtime.InvalidEntrypoint", request_id, ending.reason);
        case Ending::Kind::unable:
            break;  // nothing was invoked
    }
    MILL_ASSERT(false);
}

}  // namespace mill::lambda
