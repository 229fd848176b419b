// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/invocations/event_settings.h"

#include <fmt/format.h>

#include "model/arn.h"

namespace mill::lambda {
namespace {

Failure invalid(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}

Result<void> check_destination(std::string_view member, const std::string& text) {
    if (text.empty()) return {};
    const auto arn = model::parse_arn(text);
    const bool is_known =
        arn && (arn->service == "sqs" || arn->service == "sns" || arn->service == "lambda" ||
                (arn->service == "s3" && member == "OnFailure"));
    if (!is_known) {
        return invalid(
            fmt::format("The provided destination config DestinationConfig({}={}) is invalid. "
                        "Millrace tells SQS queues, SNS topics and functions, of failures S3 "
                        "buckets too.",
                        member, text));
    }
    if (arn->service != "sqs" && arn->service != "sns") return {};
    if (!arn->resource.ends_with(".fifo")) return {};
    return invalid(fmt::format(
        "The destination ARN {} is invalid: choose a standard queue or topic, not a FIFO one.",
        text));
}

// JSON as it is, all else as a text.
wire::Value value_of(const std::string& json) {
    auto value = wire::parse_json(json);
    return value ? *std::move(value) : wire::Value(json);
}

}  // namespace

std::string event_settings_row(const FunctionReference& function) {
    const std::string row = "lambda/event-settings/" + function.id.text();
    return function.is_latest() ? row : row + "/" + function.qualifier;
}

Result<std::optional<EventSettings>> find_event_settings(storage::Table& table,
                                                         const FunctionReference& function) {
    MILL_TRY(const auto row, table.get(event_settings_row(function)));
    if (!row) return std::optional<EventSettings>();
    MILL_TRY(EventSettings settings, wire::from_json<EventSettings>(*row));
    return std::optional<EventSettings>(std::move(settings));
}

Result<std::vector<QualifiedSettings>> all_event_settings(storage::Table& table,
                                                          const FunctionId& function) {
    std::vector<QualifiedSettings> all;
    MILL_TRY(auto latest, find_event_settings(table, {function, ""}));
    if (latest) all.push_back({std::string(latest_version), *std::move(latest)});
    const std::string prefix = event_settings_row({function, ""}) + "/";
    MILL_TRY(const auto rows, table.scan(prefix));
    for (const auto& row : rows) {
        MILL_TRY(EventSettings settings, wire::from_json<EventSettings>(row.value));
        all.push_back({row.key.substr(prefix.size()), std::move(settings)});
    }
    return all;
}

Result<void> check_event_destinations(const EventSettings& settings) {
    MILL_CHECK(check_destination("OnSuccess", settings.on_success));
    return check_destination("OnFailure", settings.on_failure);
}

DeadLetter dead_letter_of(const EndOfEvent& end) {
    constexpr std::size_t message_bytes_max = 1024;
    DeadLetter letter{.request_id = end.request_id,
                      .error_code = "200",  // the function ran, and failed
                      .error_message = {}};
    if (end.last) {
        const auto error = wire::parse_json(end.last->payload);
        letter.error_message =
            error ? wire::text_of(*error, "errorMessage", end.last->payload) : end.last->payload;
    } else {
        letter.error_code =
            std::to_string(end.refusal && end.refusal->status > 0 ? end.refusal->status : int{429});
        letter.error_message =
            end.refusal ? end.refusal->message : "The event is older than it may become.";
    }
    std::size_t size = std::min(letter.error_message.size(), message_bytes_max);
    const auto continues = [&](std::size_t at) {  // in the middle of a character
        return at < letter.error_message.size() &&
               (static_cast<unsigned char>(letter.error_message[at]) & 0xC0U) == 0x80U;
    };
    while (size > 0 && continues(size)) --size;
    letter.error_message.resize(size);
    return letter;
}

std::string event_document(const EndOfEvent& end) {
    const bool is_qualified = std::count(end.function_arn.begin(), end.function_arn.end(), ':') > 6;
    wire::Value document = wire::Value::map();
    document["version"] = "1.0";
    document["timestamp"] = iso8601_ms(end.now);
    wire::Value& request = document["requestContext"];
    request["requestId"] = end.request_id;
    request["functionArn"] = end.function_arn + (is_qualified ? "" : ":$LATEST");
    request["condition"] = end.condition;
    request["approximateInvokeCount"] = end.invocations;
    document["requestPayload"] = value_of(end.payload);
    if (!end.last) return wire::write_json(document);
    wire::Value& response = document["responseContext"];
    response["statusCode"] = 200;
    response["executedVersion"] = end.last->executed_version;
    if (end.last->function_error) response["functionError"] = *end.last->function_error;
    document["responsePayload"] = value_of(end.last->payload);
    return wire::write_json(document);
}

}  // namespace mill::lambda
