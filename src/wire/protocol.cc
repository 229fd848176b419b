// SPDX-License-Identifier: Apache-2.0
#include "wire/protocol.h"

#include <algorithm>

#include "wire/protocol_parts.h"

namespace mill::wire {
namespace {

constexpr int internal_failure_status = 500;

// What the services call a request that asks for what they do not have.
Error unsupported(Protocol protocol, const std::string& message) {
    switch (protocol) {
        case Protocol::rest_json:
            return {"InvalidParameterValueException", message, 400};
        case Protocol::rest_xml:
            return {"NotImplemented", message, 501};
        case Protocol::aws_json:
        case Protocol::query:
            break;
    }
    return {"ValidationException", message, 400};
}

bool has_key(const Parameters& parameters, std::string_view key) {
    return std::ranges::any_of(parameters, [&](const auto& p) { return p.first == key; });
}

// "list-type=2" wants the pair, "location" the name.
bool has_required_query(std::string_view required, const Parameters& query) {
    if (required.empty()) return true;
    const std::size_t equals = required.find('=');
    if (equals == std::string_view::npos) return has_key(query, required);
    return std::ranges::any_of(query, [&](const auto& p) {
        return p.first == required.substr(0, equals) && p.second == required.substr(equals + 1);
    });
}

bool declares_query(const Operation& operation, std::string_view name) {
    if (operation.http.required_query.substr(0, operation.http.required_query.find('=')) == name)
        return true;
    return std::ranges::any_of(operation.input->members, [&](const Member& m) {
        return m.location == Location::query && m.location_name == name;
    });
}

// S3 names sub-resources by bare query parameters, and the parts of an upload by uploadId.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
bool names_foreign_subresource(const Operation& operation, const Parameters& query) {
    return std::ranges::any_of(query, [&](const auto& p) {
        const bool subresource =
            p.second.empty() || p.first == "uploadId" || p.first == "list-type";
        return subresource && !declares_query(operation, p.first);
    });
}

// S3 tells UploadPart from PutObject, and both from copies, by nothing but what these require.
bool is_bound_to(const Member& m) {
    return m.is_required && (m.location == Location::query || m.location == Location::header);
}

bool has_required_members(const Operation& operation, const http::Request& request,
                          const Parameters& query) {
    return std::ranges::all_of(operation.input->members, [&](const Member& m) {
        if (!is_bound_to(m)) return true;
        return m.location == Location::query ? has_key(query, m.location_name)
                                             : request.headers.contains(m.location_name);
    });
}

std::size_t specificity(const Service& service, const Operation& operation) {
    std::string_view path = operation.http.path;
    std::size_t literals = 0;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
        if (slash + 1 < path.size() && path[slash + 1] != '{') ++literals;
    }
    const std::size_t bound =
        service.protocol == Protocol::rest_xml
            ? static_cast<std::size_t>(std::ranges::count_if(operation.input->members, is_bound_to))
            : 0;
    return literals * 2 + (operation.http.required_query.empty() ? 0 : 1) + bound;
}

// Of Query: the path is one of them where the service says so.
Parameters parameters_of(const Service& service, const http::Request& request) {
    Parameters parameters = query_parameters(request);
    if (!service.path_parameter.empty() && request.path() != "/" &&
        !has_key(parameters, service.path_parameter)) {
        parameters.emplace_back(service.path_parameter, request.path());
    }
    return parameters;
}

Result<Input> input_of(Result<Value> value, Notation notation = Notation::text) {
    if (!value) return std::unexpected(std::move(value).error());
    return Input(*std::move(value), notation);
}

}  // namespace

Error for_client(Protocol protocol, const Error& error) {
    if (error.code == unsupported_member) return unsupported(protocol, error.message);
    if (error.status != 0) return error;
    // Damaged storage is the one internal error that its user must do something about.
    const auto told = [&](const char* code, const char* text) -> Error {
        return {code, error.code == "storage.corrupt" ? error.message : text,
                internal_failure_status};
    };
    switch (protocol) {
        case Protocol::rest_json:
            return told("ServiceException", "The service encountered an internal error.");
        case Protocol::rest_xml:
            return told("InternalError", "We encountered an internal error. Please try again.");
        case Protocol::aws_json:
        case Protocol::query:
            break;
    }
    return told(
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.");
}

std::optional<Parameters> match_path(std::string_view path_template, std::string_view raw_path) {
    Parameters labels;
    const auto take_slash = [](std::string_view& text) {
        if (text.starts_with('/')) text.remove_prefix(1);
    };
    take_slash(path_template);
    take_slash(raw_path);
    while (!path_template.empty()) {
        const std::string_view part = path_template.substr(0, path_template.find('/'));
        path_template.remove_prefix(part.size());
        take_slash(path_template);
        const bool label = part.starts_with('{') && part.ends_with('}');
        const bool greedy = label && part.ends_with("+}");
        const std::string_view piece = greedy ? raw_path : raw_path.substr(0, raw_path.find('/'));
        raw_path.remove_prefix(piece.size());
        take_slash(raw_path);
        std::string text = http::percent_decode(piece);
        if (label ? text.empty() : text != part) return std::nullopt;
        if (label)
            labels.emplace_back(part.substr(1, part.size() - (greedy ? 3 : 2)), std::move(text));
    }
    if (!raw_path.empty()) return std::nullopt;
    return labels;
}

std::optional<Route> match_route(const Service& service, const http::Request& request) {
    const Parameters query = http::parse_query(request.query());
    std::optional<Route> best;
    for (const Operation* operation : service.operations) {
        if (operation->http.method != request.method) continue;
        if (best && specificity(service, *operation) <= specificity(service, *best->operation))
            continue;
        auto labels = match_path(operation->http.path, request.path());
        if (!labels || !has_required_query(operation->http.required_query, query)) continue;
        if (service.protocol == Protocol::rest_xml &&
            (names_foreign_subresource(*operation, query) ||
             !has_required_members(*operation, request, query)))
            continue;
        best = Route{operation, *std::move(labels)};
    }
    return best;
}

Result<Input> read_input(const Service& service, const Route& route, http::Request& request,
                         JsonReader& reader) {
    const Structure& input = *route.operation->input;
    switch (service.protocol) {
        case Protocol::aws_json:
            return read_aws_json(request, reader);
        case Protocol::query:
            return input_of(read_query(input, parameters_of(service, request)));
        case Protocol::rest_json:
            return input_of(read_rest_json(input, route.labels, request), Notation::typed);
        case Protocol::rest_xml:
            break;
    }
    return input_of(read_rest_xml(input, route.labels, request));
}

http::Response write_output(const Service& service, const Operation& operation,
                            const Output& output, std::string_view request_id) {
    switch (service.protocol) {
        case Protocol::aws_json:
            return write_aws_json(service, output);
        case Protocol::query:
            return write_query(service, operation, output, request_id);
        case Protocol::rest_json:
            return write_rest_json(operation, output);
        case Protocol::rest_xml:
            break;
    }
    return write_rest_xml(service, operation, output);
}

http::Response write_error(const Service& service, const Error& error,
                           const ErrorContext& context) {
    const Error seen = for_client(service.protocol, error);
    switch (service.protocol) {
        case Protocol::aws_json:
            return write_aws_json_error(service, seen);
        case Protocol::query:
            return write_query_error(service, seen, context.request_id);
        case Protocol::rest_json:
            return write_rest_json_error(seen);
        case Protocol::rest_xml:
            break;
    }
    return write_rest_xml_error(seen, context);
}

}  // namespace mill::wire
