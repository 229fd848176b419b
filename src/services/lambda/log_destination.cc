// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/log_destination.h"

#include "services/lambda/functions/functions.h"

namespace mill::lambda {

Result<void> LogDestination::check(const ports::LogSource& source, const std::string& arn) {
    const auto reference = parse_function_name(source.owner, arn, "");
    const auto function = reference ? lambda_.functions().find(*reference)
                                    : Result<FunctionPtr>(std::unexpected(reference.error()));
    if (!function) {
        return fail("InvalidParameterException",
                    "Could not execute the lambda function. Make sure you have given CloudWatch "
                    "Logs permission to execute your function.",
                    400);
    }
    const bool is_own = reference->id.account == source.owner.account &&
                        (*function)->effective_log_group() == source.group;
    if (!is_own) return {};
    return fail("InvalidParameterException",
                "The log group provided is reserved for the function logs of the destination "
                "function.",
                400);
}

Task<Result<void>> LogDestination::deliver(ports::LogDelivery delivery) {
    wire::Value event = wire::Value::map();
    event["awslogs"]["data"] = base64_encode(delivery.document);
    return lambda_.accept_event(
        {.function_arn = std::move(delivery.destination_arn), .payload = wire::write_json(event)});
}

}  // namespace mill::lambda
