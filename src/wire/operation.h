// SPDX-License-Identifier: Apache-2.0
// Operation: one call of an AWS API, declared in the file that implements it.
//
//     Task<Result<PutRecordOutput>> put_record(Kinesis& kinesis, Caller caller, PutRecordInput
//     input); const wire::Operation put_record_operation =
//     wire::operation<&put_record>("PutRecord");
//     // REST: wire::operation<&invoke>("Invoke", {.method = "POST", .path =
//     "/2015-03-31/functions/{FunctionName}/invocations"})
//
// CMake lists operations/*.cc: file put_record.cc must define put_record_operation. Operations
// without output return Result<wire::Empty> (AWS JSON: an empty body); without input they take
// wire::NoInput.
#pragma once

#include <functional>

#include "base/caller.h"
#include "machine/task.h"
#include "wire/input.h"
#include "wire/shape.h"

namespace mill::wire {

struct Empty {
    static constexpr auto shape() { return structure("Unit"); }
};
using NoInput = Empty;

struct HttpBinding {
    std::string_view method = "POST";
    std::string_view path =
        "/";           // "/2015-03-31/functions/{FunctionName}"; {Key+} takes the rest of the path
    int status = 200;  // of a success without a status() member
    // Distinguishes operations on one path, as S3's "?list-type=2"; empty for none.
    std::string_view required_query = {};
};

class EventSource;  // events.h

// Writes the output; kept alive until the gateway has encoded it.
struct Output {
    const Structure* structure = nullptr;
    std::shared_ptr<const void> object;
    std::shared_ptr<EventSource> events = nullptr;  // that follow it
};

struct Operation {
    std::string_view name;
    HttpBinding http;
    const Structure* input = nullptr;
    const Structure* output = nullptr;
    // Decodes, checks, runs. `service` is the service's instance. An input that is the document of
    // a reader is decoded before anything else can be read: await this at once.
    Task<Result<Output>> (*invoke)(void* service, Caller caller, Input input) = nullptr;
};

namespace detail {

template <class F>
struct Signature;
template <class Service, class In, class Out>
struct Signature<Task<Result<Out>> (*)(Service&, Caller, In)> {
    using ServiceType = Service;
    using Input = In;
    using OutputType = Out;
};

template <class T>
Result<void> decode_and_check(Input& raw, T& input) {
    const Structure& shape = wire::structure_of<T>();
    MILL_CHECK(raw.decode(shape, &input));
    return check(shape, &input);
}

template <auto Handler>
Task<Result<Output>> invoke(void* service, Caller caller, Input raw) {
    using S = Signature<decltype(Handler)>;
    typename S::Input input;
    MILL_CO_CHECK(decode_and_check(raw, input));
    auto result = co_await Handler(*static_cast<typename S::ServiceType*>(service),
                                   std::move(caller), std::move(input));
    if (!result) co_return std::unexpected(std::move(result).error());
    Output output{&wire::structure_of<typename S::OutputType>()};
    // Others have a member of that name: CloudWatch Logs' events are no stream.
    if constexpr (requires { output.events = result->events; })
        output.events = std::move(result->events);
    output.object = std::make_shared<const typename S::OutputType>(*std::move(result));
    co_return output;
}

}  // namespace detail

template <auto Handler>
Operation operation(std::string_view name, HttpBinding http = {}) {
    using S = detail::Signature<decltype(Handler)>;
    return Operation{name, http, &structure_of<typename S::Input>(),
                     &structure_of<typename S::OutputType>(), &detail::invoke<Handler>};
}

enum class Protocol : std::uint8_t { aws_json, query, rest_json, rest_xml };

// What the gateway needs to know of a service.
struct Service {
    std::string_view signing_name;   // "kinesis": in the credential scope
    std::string_view target_prefix;  // AWS JSON: "Kinesis_20131202"
    Protocol protocol;
    std::string_view json_version;  // "1.1"
    std::string_view api_version;   // Query: "2010-05-15"
    std::string_view xml_namespace;
    std::span<const Operation* const> operations;
    void* instance = nullptr;
    // Of a service that used to speak Query: today's error codes and what they were called there.
    // AWS JSON tells the old ones in a header, since SDKs go on reporting them.
    // https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#awsquerycompatible-trait
    std::span<const std::pair<std::string_view, std::string_view>> query_codes = {};
    // Query: the parameter that the request's path stands for, unless it is given.
    std::string_view path_parameter = {};
};

}  // namespace mill::wire
