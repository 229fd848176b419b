// SPDX-License-Identifier: Apache-2.0
#include "gateway/admission.h"

#include <algorithm>

namespace mill::gateway {
namespace {

constexpr int forbidden = 403;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

bool is_literal(std::string_view host) {
    return host.find(':') != std::string_view::npos ||
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// "*.example.com" stands for every name below example.com.
bool matches(std::string_view pattern, std::string_view host) {
    if (pattern.starts_with("*.")) return host.ends_with(pattern.substr(1));
    return pattern == "*" || pattern == host;
}

}  // namespace

std::string host_name(std::string_view host_header) {
    if (host_header.starts_with('['))
        return lower(host_header.substr(1, host_header.find(']') - 1));
    return lower(host_header.substr(0, host_header.find(':')));
}

Admission::Admission(std::vector<std::string> allowed_hosts,
                     std::vector<std::string> allowed_origins)
    : hosts_{"localhost", "*.localhost", "*.amazonaws.com", "127.0.0.1", "::1"},
      origins_(std::move(allowed_origins)) {
    for (const std::string& host : allowed_hosts) hosts_.push_back(lower(host));
}

void Admission::add_listener(std::string host) {
    if (host == "0.0.0.0" || host == "::") any_literal_ = true;
    hosts_.push_back(std::move(host));
}

bool Admission::knows_host(std::string_view host) const {
    if (any_literal_ && is_literal(host)) return true;
    return std::ranges::any_of(hosts_,
                               [&](const std::string& pattern) { return matches(pattern, host); });
}

bool Admission::knows_origin(std::string_view origin) const {
    if (std::ranges::any_of(origins_,
                            [&](const std::string& o) { return o == "*" || o == origin; }))
        return true;
    const std::size_t scheme = origin.starts_with("http://")    ? 7
                               : origin.starts_with("https://") ? 8
                                                                : 0;
    if (scheme == 0) return false;
    const std::string host = host_name(origin.substr(scheme));
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

Result<void> Admission::check_host(const wire::http::Request& request) {
    // HTTP/1.0 has none; browsers always send it.
    const auto host = request.headers.find("host");
    if (host && *host != admitted_host_ && knows_host(host_name(*host))) {
        admitted_host_ = *host;
    } else if (host && *host != admitted_host_) {
        const std::string name = host_name(*host);
        return fail("AccessDeniedException",
                    "The host '" + name + "' is not known here. Start millrace with --allow-host " +
                        name + " to serve it.",
                    forbidden);
    }
    return {};
}

Result<void> Admission::check_origin(const wire::http::Request& request) const {
    const auto origin = request.headers.find("origin");
    if (origin && !knows_origin(*origin)) {
        const std::string from(*origin);
        return fail("AccessDeniedException",
                    "Requests from pages of '" + from +
                        "' are refused. Start millrace with --allow-origin " + from +
                        " to admit them.",
                    forbidden);
    }
    return {};
}

bool is_preflight(const wire::http::Request& request) {
    return request.method == "OPTIONS" && request.headers.contains("origin") &&
           request.headers.contains("access-control-request-method");
}

wire::http::Response preflight_answer(const wire::http::Request& request) {
    wire::http::Response response;
    add_cors_headers(response);
    response.headers.set("Access-Control-Allow-Methods", "DELETE, GET, HEAD, POST, PUT");
    const std::string wanted = request.headers.get("access-control-request-headers");
    if (!wanted.empty()) response.headers.set("Access-Control-Allow-Headers", wanted);
    response.headers.set("Access-Control-Max-Age", "172800");
    return response;
}

void add_cors_headers(wire::http::Response& response) {
    response.headers.set("Access-Control-Allow-Origin", "*");
    response.headers.set("Access-Control-Expose-Headers",
                         "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,x-amz-request-id,x-"
                         "amz-id-2,ETag,Date");
}

}  // namespace mill::gateway
