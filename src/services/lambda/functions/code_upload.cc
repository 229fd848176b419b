// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/code_upload.h"

#include <fmt/format.h>

#include "services/lambda/functions/settings.h"

namespace mill::lambda {
namespace {

Failure from_s3(const Error& error) {
    return fail(
        "InvalidParameterValueException",
        fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                    error.code, error.message),
        400);
}

}  // namespace

Task<Result<StoredCode>> keep_upload(CodeStore& code, ports::ObjectStore& objects,
                                     FunctionCode upload) {
    if (upload.zip_file && (upload.s3_bucket || upload.s3_key)) {
        co_return fail(
            "InvalidParameterValueException",
            "Please do not provide other FunctionCode parameters when providing a ZipFile.", 400);
    }
    if (upload.zip_file) {
        if (upload.zip_file->bytes.size() > zip_bytes_max) {
            co_return fail("RequestEntityTooLargeException",
                           fmt::format("Zipped size must be smaller than {} bytes", zip_bytes_max),
                           413);
        }
        co_return co_await code.put(std::move(upload.zip_file->bytes));
    }
    if (!upload.s3_bucket || !upload.s3_key) {
        co_return fail("InvalidParameterValueException",
                       "Please provide a source for function code.", 400);
    }
    if (upload.s3_object_version) co_return not_supported("S3ObjectVersion");
    auto object = co_await objects.get_object(*upload.s3_bucket, *upload.s3_key);
    if (!object && object.error().status != 0) co_return from_s3(object.error());
    if (!object) co_return std::unexpected(std::move(object).error());
    co_return co_await code.put(*std::move(object));
}

Task<Result<StoredCode>> keep_function_code(CodeStore& code, ports::ObjectStore& objects,
                                            FunctionCode upload) {
    const bool is_folder = code.has_folders() && !upload.zip_file && upload.s3_key &&
                           upload.s3_bucket.value_or("") == folders_bucket;
    if (!is_folder) co_return co_await keep_upload(code, objects, std::move(upload));
    auto folder = code.folder(*upload.s3_key);
    if (folder) co_return *std::move(folder);
    co_return fail("InvalidParameterValueException", "There is no code folder of that name.", 400);
}

}  // namespace mill::lambda
