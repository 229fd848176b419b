// SPDX-License-Identifier: Apache-2.0
// Errors of SQS, by the names of today's model. What they were called in the Query protocol, and
// SDKs still call them, tells query_codes (sqs.cc).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mill::sqs {

Failure invalid_parameter(std::string message);  // InvalidParameterValue
Failure missing_parameter(std::string_view name);
Failure queue_not_found();
Failure unsupported(std::string message);

}  // namespace mill::sqs
