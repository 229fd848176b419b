// SPDX-License-Identifier: Apache-2.0
// Code of a function or a layer as the API is given it: the zip itself, or an object of S3.
#pragma once

#include "services/lambda/functions/code_store.h"
#include "services/lambda/functions/function_shapes.h"
#include "services/ports/object_store.h"

namespace mill::lambda {

constexpr std::size_t zip_bytes_max =
    52'428'800;  // AWS quota: deployment package, uploaded directly

// Checks, extracts and keeps it. InvalidParameterValueException, RequestEntityTooLargeException.
Task<Result<StoredCode>> keep_upload(CodeStore& code, ports::ObjectStore& objects,
                                     FunctionCode upload);

}  // namespace mill::lambda
