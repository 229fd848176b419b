// SPDX-License-Identifier: Apache-2.0
// PublishVersion: what $LATEST is now, for good, under the next number. Without a change since the
// last publication it answers that version.
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

Task<Result<FunctionConfiguration>> publish_version(Lambda& lambda, Caller caller,
                                                    PublishVersionInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_TRY(const FunctionPtr version,
                co_await lambda.functions().publish_version(reference.id, std::move(input)));
    co_return configuration_of(*version, Shown::settled);
}

}  // namespace

extern const wire::Operation publish_version_operation;
const wire::Operation publish_version_operation = wire::operation<&publish_version>(
    "PublishVersion",
    {.method = "POST", .path = "/2015-03-31/functions/{FunctionName}/versions", .status = 201});

}  // namespace mill::lambda
