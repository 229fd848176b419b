// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/errors.h"

#include <fmt/format.h>

namespace mill::sqs {

Failure invalid_parameter(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}
Failure missing_parameter(std::string_view name) {
    return fail("MissingRequiredParameterException",
                fmt::format("The request must contain the parameter {}.", name), 400);
}
Failure queue_not_found() {
    return fail("QueueDoesNotExist", "The specified queue does not exist.", 400);
}
Failure unsupported(std::string message) {
    return fail("UnsupportedOperation", std::move(message), 400);
}

}  // namespace mill::sqs
