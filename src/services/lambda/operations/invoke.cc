// SPDX-License-Identifier: Apache-2.0
// Invoke: RequestResponse waits for the function, Event is durable before it is accepted, DryRun
// only checks. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#include <fmt/format.h>

#include "services/lambda/functions/functions.h"
#include "services/lambda/invocations/event_queue.h"
#include "services/lambda/invocations/invocations.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

constexpr std::string_view invocation_types[] = {"Event", "RequestResponse", "DryRun"};
constexpr std::string_view log_types[] = {"None", "Tail"};
constexpr std::size_t request_bytes_max = 6 * 1024 * 1024;
constexpr std::size_t event_bytes_max = 1024 * 1024;
constexpr std::size_t client_context_bytes_max = 3583;

struct Input {
    std::optional<std::string> function_name, invocation_type, log_type, client_context, qualifier;
    std::optional<wire::Blob> payload;
    static constexpr auto shape() {
        return wire::structure(
            "InvocationRequest",
            wire::member<&Input::function_name>("FunctionName").required().uri(),
            wire::member<&Input::invocation_type>("InvocationType")
                .one_of(invocation_types)
                .header("X-Amz-Invocation-Type"),
            wire::member<&Input::log_type>("LogType").one_of(log_types).header("X-Amz-Log-Type"),
            wire::member<&Input::client_context>("ClientContext").header("X-Amz-Client-Context"),
            wire::member<&Input::payload>("Payload").payload(),
            wire::member<&Input::qualifier>("Qualifier").query("Qualifier"),
            wire::refused("TenantId", "Leave it out: functions have no tenants.")
                .header("X-Amz-Tenant-Id"),
            wire::refused("DurableExecutionName", "Leave it out: functions are not durable.")
                .header("X-Amz-Durable-Execution-Name"));
    }
};

struct Output {
    std::int64_t status_code = 200;
    std::optional<std::string> function_error, log_result;
    std::optional<std::string> executed_version;
    std::optional<wire::Blob> payload;
    // The invocation's own id, which the function sees and its log lines carry, is the request's.
    std::optional<std::string> request_id, trace_id;
    static constexpr auto shape() {
        return wire::structure(
            "InvocationResponse", wire::member<&Output::status_code>("StatusCode").status(),
            wire::member<&Output::function_error>("FunctionError").header("X-Amz-Function-Error"),
            wire::member<&Output::log_result>("LogResult").header("X-Amz-Log-Result"),
            wire::member<&Output::payload>("Payload").payload(),
            wire::member<&Output::executed_version>("ExecutedVersion")
                .header("X-Amz-Executed-Version"),
            wire::member<&Output::request_id>("RequestId").header("x-amzn-RequestId"),
            wire::member<&Output::trace_id>("TraceId").header("X-Amzn-Trace-Id"));
    }
};

Result<void> check_payload(BytesView payload, std::string_view type) {
    const std::size_t limit = type == "Event" ? event_bytes_max : request_bytes_max;
    if (payload.size() > limit) {
        return fail(
            "RequestTooLargeException",
            fmt::format("{} byte payload is too large for the {} invocation type (limit {} bytes)",
                        payload.size(), type, limit),
            413);
    }
    if (payload.empty()) return {};
    if (const auto parsed = wire::parse_json(payload); !parsed) {
        return fail("InvalidRequestContentException",
                    "Could not parse request body into json: Could not parse payload into json: " +
                        parsed.error().message,
                    400);
    }
    return {};
}

Result<std::string> client_context_of(const std::optional<std::string>& header) {
    if (!header || header->empty()) return std::string();
    auto decoded =
        header->size() > client_context_bytes_max ? fail("", "") : base64_decode(*header);
    if (!decoded || !wire::parse_json(*decoded)) {
        return fail("InvalidRequestContentException",
                    "Client context must be a valid Base64-encoded JSON object.", 400);
    }
    return *std::move(decoded);
}

Output answer(ports::InvokeOutcome outcome, bool with_log) {
    Output output{.function_error = std::move(outcome.function_error),
                  .executed_version = std::move(outcome.executed_version),
                  .payload = wire::Blob{std::move(outcome.payload)}};
    if (with_log) output.log_result = base64_encode(outcome.log_tail);
    return output;
}

Task<Result<Output>> invoke(Lambda& lambda, Caller caller, Input input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(caller, *input.function_name, input.qualifier.value_or("")));
    const std::string type = input.invocation_type.value_or("RequestResponse");
    MILL_CO_TRY(const FunctionPtr function, lambda.functions().resolve(reference));
    Bytes payload = input.payload ? std::move(input.payload->bytes) : Bytes();
    MILL_CO_CHECK(check_payload(payload, type));
    MILL_CO_TRY(std::string client_context, client_context_of(input.client_context));
    if (type == "DryRun") co_return Output{.status_code = 204};
    Invocation invocation =
        lambda.invocations().prepare(function, reference.arn(), std::move(payload));
    invocation.client_context = std::move(client_context);
    const std::string request_id = invocation.request_id;
    const std::string trace_id = invocation.trace_id;
    if (type == "Event") {
        MILL_CO_CHECK(co_await lambda.events().accept(std::move(invocation)));
        co_return Output{.status_code = 202, .request_id = request_id, .trace_id = trace_id};
    }
    MILL_CO_TRY(ports::InvokeOutcome outcome,
                co_await lambda.invocations().invoke(std::move(invocation)));
    Output output = answer(std::move(outcome), input.log_type == "Tail");
    output.request_id = request_id;
    output.trace_id = trace_id;
    co_return output;
}

}  // namespace

extern const wire::Operation invoke_operation;
const wire::Operation invoke_operation = wire::operation<&invoke>(
    "Invoke", {.method = "POST", .path = "/2015-03-31/functions/{FunctionName}/invocations"});

}  // namespace mill::lambda
