// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolve.h"

#include <algorithm>
#include <charconv>

#include "gateway/admission.h"

namespace mill::gateway {
namespace {

using wire::Protocol;
using wire::Service;
using wire::http::Request;

constexpr std::string_view other_protocol_header = "smithy-protocol";

std::string_view before_dot(std::string_view text) { return text.substr(0, text.find('.')); }

template <class Wanted>
const Service* first(const std::vector<Service>& services, Wanted wanted) {
    const auto at = std::ranges::find_if(services, wanted);
    return at == services.end() ? nullptr : &*at;
}

const Service* by_signing_name(const std::vector<Service>& services, std::string_view name) {
    return first(services, [&](const Service& s) { return s.signing_name == name; });
}

const std::string* find_parameter(const wire::Parameters& parameters, std::string_view name) {
    const auto at = std::ranges::find(parameters, name,
                                      [](const auto& p) -> std::string_view { return p.first; });
    return at == parameters.end() ? nullptr : &at->second;
}

// "/2015-03-31/functions": REST-JSON paths begin with the date of the API.
bool begins_with_date(std::string_view path) {
    static constexpr std::string_view form = "/dddd-dd-dd/";
    if (path.size() < form.size()) return false;
    return std::ranges::equal(form, path.substr(0, form.size()), [](char f, char c) {
        return f == 'd' ? c >= '0' && c <= '9' : f == c;
    });
}

Failure unknown_service(std::string_view name, const std::vector<Service>& services) {
    std::string served;
    for (const Service& service : services) {
        if (by_signing_name(services, service.signing_name) != &service) continue;
        served += (served.empty() ? "" : ", ") + std::string(service.signing_name);
    }
    return fail("NotImplemented",
                "Millrace does not serve '" + std::string(name) + "'. It serves: " + served + ".",
                501);
}

std::string supported(const Service& service) {
    std::string names;
    for (const wire::Operation* operation : service.operations) {
        names += (names.empty() ? "" : ", ") + std::string(operation->name);
    }
    return " Supported operations of " + std::string(service.signing_name) + ": " + names + ".";
}

const wire::Operation* by_name(const Service& service, std::string_view name) {
    const auto at = std::ranges::find(service.operations, name, &wire::Operation::name);
    return at == service.operations.end() ? nullptr : *at;
}

Result<wire::Route> json_operation(const Service& service, const Request& request) {
    const std::string_view target = request.headers.view("x-amz-target");
    const std::string_view prefix = before_dot(target);
    const bool own = prefix == service.target_prefix;
    const std::string_view name =
        own ? target.substr(std::min(prefix.size() + 1, target.size())) : target;
    if (const wire::Operation* operation = own ? by_name(service, name) : nullptr)
        return wire::Route{operation, {}};
    return fail("UnknownOperationException",
                target.empty() ? "The header X-Amz-Target is missing."
                               : "The operation '" + std::string(name) + "' is not supported." +
                                     supported(service),
                400);
}

Result<wire::Route> query_operation(const Service& service, const Request& request) {
    const wire::Parameters parameters = wire::query_parameters(request);
    const std::string* action = find_parameter(parameters, "Action");
    if (!action)
        return fail("MissingAction", "The request is missing an action or a required parameter.",
                    400);
    if (const wire::Operation* operation = by_name(service, *action))
        return wire::Route{operation, {}};
    return fail("InvalidAction",
                "Could not find operation " + *action + " for version " +
                    std::string(service.api_version) + "." + supported(service),
                400);
}

std::optional<std::int64_t> number_in(const wire::Parameters& parameters, std::string_view name) {
    const std::string* text = find_parameter(parameters, name);
    std::int64_t number = 0;
    if (!text) return std::nullopt;
    const char* const end = text->data() + text->size();
    if (std::from_chars(text->data(), end, number).ptr != end) return std::nullopt;
    return number;
}

// "GET on an object with ?acl"
std::string s3_operation_text(const Request& request) {
    const std::string_view path = request.path();
    const std::size_t slash = path.find('/', 1);
    const bool object = slash != std::string_view::npos && slash + 1 < path.size();
    std::string text = request.method + (path.size() <= 1 ? " on the service"
                                         : object         ? " on an object"
                                                          : " on a bucket");
    for (const auto& [name, value] : wire::http::parse_query(request.query())) {
        const bool tells =
            value.empty() || name == "uploadId" || name == "list-type" || name == "x-id";
        if (tells && !name.empty())
            return text + " with ?" + name + (value.empty() ? "" : "=" + value);
    }
    return text;
}

Result<wire::Route> rest_operation(const Service& service, const Request& request) {
    if (auto route = wire::match_route(service, request)) return *std::move(route);
    if (service.protocol == Protocol::rest_xml) {
        return fail(
            "NotImplemented",
            "A header or query you provided implies functionality that is not implemented: " +
                s3_operation_text(request) + "." + supported(service),
            501);
    }
    return fail("UnknownOperationException",
                "No operation answers " + request.method + " " + std::string(request.path()) + "." +
                    supported(service),
                404);
}

// The bucket of a virtual-hosted request; empty for path style.
std::string bucket_of_host(std::string_view host) {
    for (const std::string_view infix : {".s3.", ".s3-"}) {
        const std::size_t at = host.find(infix);
        if (at != std::string_view::npos && at > 0) return std::string(host.substr(0, at));
    }
    if (host.starts_with("s3.") || host.starts_with("s3-") || !host.ends_with(".localhost"))
        return {};
    return std::string(host.substr(0, host.size() - std::string_view(".localhost").size()));
}

}  // namespace

Result<const Service*> find_service(const std::vector<Service>& services, const Request& request,
                                    const Scope& scope) {
    if (request.headers.contains(other_protocol_header))
        return unknown_service("the protocol rpc-v2-cbor", services);
    if (const auto target = request.headers.find("x-amz-target")) {
        const auto prefix = before_dot(*target);
        const auto* found = first(services, [&](const Service& s) {
            return !prefix.empty() && s.target_prefix == prefix;
        });
        if (found) return found;
        // Signed for a service that is here, it is that service's own unknown operation.
        if (const auto* signed_for = scope ? by_signing_name(services, scope->service) : nullptr;
            signed_for && signed_for->protocol == Protocol::aws_json)
            return signed_for;
        return unknown_service(scope ? scope->service : prefix, services);
    }
    if (scope) {
        // Of a service that speaks AWS JSON and Query, this is the latter.
        const auto* found = first(services, [&](const Service& s) {
            return s.signing_name == scope->service && s.protocol != Protocol::aws_json;
        });
        if (!found) found = by_signing_name(services, scope->service);
        return found ? Result<const Service*>(found) : unknown_service(scope->service, services);
    }
    const wire::Parameters parameters = wire::query_parameters(request);
    const std::string* version = find_parameter(parameters, "Version");
    if (version && find_parameter(parameters, "Action")) {
        const auto* found = first(services, [&](const Service& s) {
            return s.protocol == Protocol::query && s.api_version == *version;
        });
        return found ? Result<const Service*>(found)
                     : unknown_service("the Query API of version " + *version, services);
    }
    if (begins_with_date(request.path())) {
        const auto* found =
            first(services, [](const Service& s) { return s.protocol == Protocol::rest_json; });
        if (found) return found;
    }
    const std::string host = host_name(request.headers.view("host"));
    if (const auto* found =
            first(services, [&](const Service& s) { return before_dot(host) == s.signing_name; }))
        return found;
    if (const auto* found =
            first(services, [](const Service& s) { return s.protocol == Protocol::rest_xml; }))
        return found;
    return unknown_service(request.path(), services);
}

Result<wire::Route> find_operation(const Service& service, const Request& request) {
    switch (service.protocol) {
        case Protocol::aws_json:
            return json_operation(service, request);
        case Protocol::query:
            return query_operation(service, request);
        case Protocol::rest_json:
        case Protocol::rest_xml:
            break;
    }
    return rest_operation(service, request);
}

Targets::Targets(const std::vector<Service>& services) {
    for (const Service& service : services) {
        if (service.protocol != Protocol::aws_json) continue;
        for (const wire::Operation* operation : service.operations) {
            std::string target(service.target_prefix);
            target.append(".").append(operation->name);
            targets_.try_emplace(std::move(target), Target{&service, operation});
        }
    }
}

std::optional<Targets::Target> Targets::find(const Request& request) const {
    if (request.headers.contains(other_protocol_header)) return std::nullopt;
    const auto found = targets_.find(request.headers.view("x-amz-target"));
    if (found == targets_.end()) return std::nullopt;
    return found->second;
}

Caller caller_of(const wire::CredentialScope& scope) {
    Caller caller;
    caller.access_key = scope.access_key;
    constexpr std::size_t account_digits = 12;
    const bool digits = scope.access_key.find_first_not_of("0123456789") == std::string::npos;
    if (digits && scope.access_key.size() == account_digits) caller.account = scope.access_key;
    if (!scope.region.empty()) caller.region = scope.region;
    return caller;
}

Result<Caller> authenticate(const Service& service, const Scope& scope) {
    if (!scope) {
        switch (service.protocol) {
            case Protocol::aws_json:
                return fail("MissingAuthenticationTokenException", "Missing Authentication Token",
                            400);
            case Protocol::query:
                return fail("MissingAuthenticationToken", "Request is missing Authentication Token",
                            403);
            case Protocol::rest_json:
                return fail("MissingAuthenticationTokenException", "Missing Authentication Token",
                            403);
            case Protocol::rest_xml:
                break;
        }
        return fail("AccessDenied", "Access Denied", 403);
    }
    return caller_of(*scope);
}

Result<void> check_expiry(const Request& request, WallTime now) {
    const wire::Parameters query = wire::http::parse_query(request.query());
    std::optional<WallTime> end;
    if (const auto seconds = number_in(query, "X-Amz-Expires")) {
        const std::string* date = find_parameter(query, "X-Amz-Date");
        const auto begin = parse_iso8601(date ? *date : std::string());
        if (!begin) return fail("AccessDenied", "X-Amz-Date must be formatted as ISO 8601.", 403);
        end = *begin + std::chrono::seconds(*seconds);
    } else if (const auto at = number_in(query, "Expires");
               at && find_parameter(query, "AWSAccessKeyId")) {
        end = from_epoch_ms(*at * 1000);
    }
    if (!end || now <= *end) return {};
    return fail("AccessDenied", "Request has expired", 403);
}

void apply_virtual_host(Request& request) {
    const std::string bucket = bucket_of_host(host_name(request.headers.view("host")));
    if (!bucket.empty()) request.target.insert(0, "/" + bucket);
}

const Service& fallback_service(const Request& request) {
    static constexpr Service json{
        .signing_name = "unknown", .protocol = Protocol::aws_json, .json_version = "1.1"};
    static constexpr Service query{.signing_name = "unknown", .protocol = Protocol::query};
    static constexpr Service rest{.signing_name = "unknown", .protocol = Protocol::rest_json};
    if (request.headers.contains("x-amz-target")) return json;
    if (find_parameter(wire::query_parameters(request), "Action")) return query;
    return rest;
}

}  // namespace mill::gateway
