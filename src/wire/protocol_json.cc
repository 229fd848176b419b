// SPDX-License-Identifier: Apache-2.0
// AWS JSON and REST-JSON. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
#include <algorithm>

#include "wire/event_body.h"
#include "wire/event_stream.h"
#include "wire/protocol_parts.h"

namespace mill::wire {
namespace {

constexpr std::size_t usual_body_bytes = 256;

// Lambda's model spells the text of some exceptions "message", of the others "Message".
constexpr std::string_view lower_case_message[] = {
    "CodeStorageExceededException",   "InvalidParameterValueException",
    "InvalidRequestContentException", "PolicyLengthExceededException",
    "PreconditionFailedException",    "ProvisionedConcurrencyConfigNotFoundException",
    "RequestTooLargeException",       "ResourceConflictException",
    "ResourceNotReadyException",      "TooManyRequestsException",
    "UnsupportedMediaTypeException",
};
// Answered by the front of the service, before it looks at the request: they carry no Type.
constexpr std::string_view front_errors[] = {
    "AccessDeniedException",  "MissingAuthenticationTokenException",
    "SerializationException", "UnknownOperationException",
    "ValidationException",
};

// "TooManyRequestsException:ReservedFunctionConcurrentInvocationLimitExceeded": an error that names
// its reason after a colon has the member Reason.
std::string_view code_without_reason(const Error& error) {
    return std::string_view(error.code).substr(0, error.code.find(':'));
}

Value json_error(const Error& error) {
    Value body = Value::map();
    const std::string_view code = code_without_reason(error);
    if (std::ranges::count(front_errors, code) > 0) {
        body["message"] = error.message;
        return body;
    }
    const bool small = std::ranges::count(lower_case_message, code) > 0;
    body["Type"] = error.status >= 500 ? "Service" : "User";
    body[small ? "message" : "Message"] = error.message;
    if (code.size() < error.code.size()) body["Reason"] = error.code.substr(code.size() + 1);
    return body;
}

// Members bound to other places are not the body's to set.
void drop_bound_members(const Structure& input, Value& body) {
    for (const Member& m : input.members) {
        if (m.location != Location::body) body.erase(m.name);
    }
}

// There are two versions, 1.0 and 1.1.
std::string_view content_type(const Service& service) {
    return service.json_version == "1.0" ? "application/x-amz-json-1.0"
                                         : "application/x-amz-json-1.1";
}

Result<Value> parse_body(const Bytes& body) {
    auto value = parse_json(body);
    if (!value)
        return fail("SerializationException",
                    "Could not parse request body into json: " + value.error().message, 400);
    return value;
}

}  // namespace

Result<Input> read_aws_json(http::Request& request, JsonReader& reader) {
    const Bytes body = std::move(request.body);
    // Neither AWS nor kinesalite says why.
    if (!reader.parse(body)) return fail("SerializationException", "", 400);
    return Input(reader);
}

http::Response write_aws_json(const Service& service, const Output& output) {
    http::Response response;
    if (output.events) {
        response.headers.set("Content-Type", event_stream_content_type);
        response.stream = std::make_shared<EventBody>(service.protocol,
                                                      std::string(content_type(service)), output);
        return response;
    }
    response.headers.set("Content-Type", content_type(service));
    if (!output.structure->members.empty()) {
        response.body.reserve(usual_body_bytes);
        encode(*output.structure, output.object.get(), *json_writer(response.body));
    }
    return response;
}

http::Response write_aws_json_error(const Service& service, const Error& error) {
    Value body = Value::map();
    body["__type"] = error.code;
    // The one error that is found before the service itself is asked spells it in upper case.
    if (!error.message.empty())
        body[error.code == "SerializationException" ? "Message" : "message"] = error.message;
    http::Response response{.status = error.status, .body = write_json(body)};
    response.headers.set("Content-Type", content_type(service));
    if (!service.query_codes.empty()) {
        response.headers.set("x-amzn-query-error",
                             std::string(query_code(service, error.code)) +
                                 (error.status >= 500 ? ";Receiver" : ";Sender"));
    }
    return response;
}

Result<Value> read_rest_json(const Structure& input, const Parameters& labels,
                             http::Request& request) {
    Value value = Value::map();
    const Member* payload = payload_member(input);
    if (!payload && has_body_members(input) && !request.body.empty()) {
        MILL_TRY(value, parse_body(request.body));
        if (!value.members()) return fail("SerializationException", "", 400);
        drop_bound_members(input, value);
    }
    if (payload && !request.body.empty()) {
        if (payload->type->kind == Kind::blob) {
            value[payload->name] = Blob{std::move(request.body)};
        } else if (payload->type->kind == Kind::string) {
            value[payload->name] = std::move(request.body);
        } else {
            MILL_TRY(value[payload->name], parse_body(request.body));
        }
    }
    read_bindings(input, labels, request, value);
    return value;
}

http::Response write_rest_json(const Operation& operation, const Output& output) {
    http::Response response{.status = operation.http.status};
    const Structure& structure = *output.structure;
    response.headers.set("Content-Type", "application/json");
    if (const Member* payload = payload_member(structure)) {
        if (const void* at = payload->find(output.object.get())) {
            switch (payload->type->kind) {
                case Kind::blob:
                    response.body = static_cast<const Blob*>(at)->bytes;
                    break;
                case Kind::string:
                    response.body = *static_cast<const std::string*>(at);
                    break;
                case Kind::document:
                    response.body = write_json(*static_cast<const Value*>(at));
                    break;
                default:
                    encode(*payload->type->structure(), at, *json_writer(response.body));
            }
        }
    } else if (has_body_members(structure)) {
        encode(structure, output.object.get(), *json_writer(response.body));
    }
    write_bindings(output, response);
    return response;
}

http::Response write_rest_json_error(const Error& error) {
    http::Response response{.status = error.status, .body = write_json(json_error(error))};
    response.headers.set("Content-Type", "application/json");
    const std::string_view code = code_without_reason(error);
    response.headers.set("x-amzn-ErrorType", std::string(code));
    if (code.size() < error.code.size()) response.headers.set("Retry-After", "1");
    return response;
}

}  // namespace mill::wire
