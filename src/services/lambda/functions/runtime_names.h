// SPDX-License-Identifier: Apache-2.0
// The runtime identifiers of AWS, and which of them Millrace runs.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mill::lambda {

enum class RuntimeKind { provided, python };

// InvalidParameterValueException (400): unknown, retired, or known to AWS but not to Millrace.
Result<RuntimeKind> runtime_kind(std::string_view runtime);

// "3.13" of "python3.13".
std::string_view python_version(std::string_view runtime);

}  // namespace mill::lambda
