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

// A bucket that there need not be: its keys are the names of the server's code folders, if it has
// any.
constexpr std::string_view folders_bucket = "code-folders";

// As keep_upload, or one of the code folders.
Task<Result<StoredCode>> keep_function_code(CodeStore& code, ports::ObjectStore& objects,
                                            FunctionCode upload);

}  // namespace mill::lambda
