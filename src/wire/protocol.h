// SPDX-License-Identifier: Apache-2.0
// The AWS protocols: how a request says what an operation's input is, and how its output or error
// is answered. Ordinary functions that walk the shape tables; no I/O.
// https://smithy.io/2.0/aws/protocols/index.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http.h"
#include "wire/operation.h"

namespace mill::wire {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// REST: the operation that a method and path mean, and the path's labels, decoded.
struct Route {
    const Operation* operation = nullptr;
    Parameters labels;
};
// The most specific operation of the service; empty if none fits. A sub-resource that no operation
// declares
// ("?versioning") fits none: it must not pass for an operation on the resource itself.
std::optional<Route> match_route(const Service& service, const http::Request& request);
// The labels of a path that fits the template. {Key+} takes the rest; a trailing slash is
// tolerated.
std::optional<Parameters> match_path(std::string_view path_template, std::string_view raw_path);

// Query: the parameters of the request line and of a form body.
Parameters query_parameters(const http::Request& request);

// What Operation::invoke takes; of AWS JSON the present document of `reader` (input.h). The body is
// taken out of the request.
Result<Input> read_input(const Service& service, const Route& route, http::Request& request,
                         JsonReader& reader);
http::Response write_output(const Service& service, const Operation& operation,
                            const Output& output, std::string_view request_id);

struct ErrorContext {
    std::string_view request_id;
    std::string_view resource;  // S3 names it
};
// In the protocol's own shape. An error without a status is answered as the service's internal
// failure, without its text.
http::Response write_error(const Service& service, const Error& error, const ErrorContext& context);

}  // namespace mill::wire
