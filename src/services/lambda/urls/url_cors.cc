// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/urls/url_cors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mill::lambda {
namespace {

using List = std::optional<std::vector<std::string>>;

bool holds(const List& list, std::string_view text) {
    return list && std::ranges::find(*list, text) != list->end();
}

void set_list(wire::http::Response& response, std::string_view header, const List& list) {
    if (list && !list->empty())
        response.headers.set(header, fmt::format("{}", fmt::join(*list, ",")));
}

void set_origin(const UrlCors& cors, std::string_view origin, wire::http::Response& response) {
    const bool credentials = cors.allow_credentials.value_or(false);
    // Browsers take "*" for nobody where credentials are sent.
    const bool anyone = holds(cors.allow_origins, "*") && !credentials;
    response.headers.set("Access-Control-Allow-Origin", anyone ? "*" : origin);
    if (!anyone) response.headers.set("Vary", "Origin");
    if (credentials) response.headers.set("Access-Control-Allow-Credentials", "true");
}

Result<void> check_list(std::string_view member, const List& list) {
    for (const std::string& text : list.value_or(std::vector<std::string>())) {
        if (text.find_first_of("\r\n") == std::string::npos) continue;
        return fail("ValidationException",
                    fmt::format("1 validation error detected: Value '{}' at 'cors.{}' failed to "
                                "satisfy constraint: Member must satisfy constraint: [Member must "
                                "satisfy regular expression pattern: .*]",
                                text, member),
                    400);
    }
    return {};
}

}  // namespace

Result<void> check_cors(const UrlCors& cors) {
    MILL_CHECK(check_list("allowHeaders", cors.allow_headers));
    MILL_CHECK(check_list("allowMethods", cors.allow_methods));
    MILL_CHECK(check_list("allowOrigins", cors.allow_origins));
    return check_list("exposeHeaders", cors.expose_headers);
}

bool allows_origin(const UrlCors& cors, std::string_view origin) {
    return holds(cors.allow_origins, "*") || holds(cors.allow_origins, origin);
}

wire::http::Response url_preflight_answer(const UrlCors& cors, std::string_view origin) {
    wire::http::Response response;
    if (!allows_origin(cors, origin)) return response;
    set_origin(cors, origin, response);
    set_list(response, "Access-Control-Allow-Methods", cors.allow_methods);
    set_list(response, "Access-Control-Allow-Headers", cors.allow_headers);
    if (cors.max_age) response.headers.set("Access-Control-Max-Age", std::to_string(*cors.max_age));
    return response;
}

void add_url_cors_headers(const UrlCors& cors, std::string_view origin,
                          wire::http::Response& response) {
    if (!allows_origin(cors, origin)) return;
    set_origin(cors, origin, response);
    set_list(response, "Access-Control-Expose-Headers", cors.expose_headers);
}

}  // namespace mill::lambda
