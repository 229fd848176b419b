// SPDX-License-Identifier: Apache-2.0
// Invoker: runs a function. lambda provides it; its own pollers use it, later SNS, S3 and others.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "machine/task.h"

namespace mill::ports {

struct InvokeRequest {
    std::string function_arn;    // with or without qualifier
    Bytes payload;               // JSON
    std::string client_context;  // decoded JSON, or empty
};

struct InvokeOutcome {
    std::string request_id;
    std::string executed_version = "$LATEST";
    std::optional<std::string>
        function_error;  // "Unhandled" when the function failed; `payload` then describes it
    Bytes payload;
    std::string log_tail;  // the last 4 KiB of the invocation's log
};

class Invoker {
  public:
    virtual ~Invoker() = default;
    // Errors mean that the function did not run: ResourceNotFoundException,
    // TooManyRequestsException, ...
    virtual Task<Result<InvokeOutcome>> invoke(InvokeRequest request) = 0;
};

}  // namespace mill::ports
