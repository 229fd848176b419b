// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/urls/url_requests.h"

#include "services/lambda/invocations/invocations.h"
#include "services/lambda/lambda.h"
#include "services/lambda/urls/function_urls.h"
#include "services/lambda/urls/url_cors.h"
#include "services/lambda/urls/url_event.h"

namespace mill::lambda {
namespace {

using wire::http::Request;
using wire::http::Response;

constexpr std::size_t event_bytes_max = 6 * 1024 * 1024;

Response refusal(int status, const std::string& type, wire::Value message) {
    Response response{.status = status,
                      .body = wire::write_json(wire::Value::Map{{"Message", std::move(message)}})};
    response.headers.set("Content-Type", "application/json");
    response.headers.set("x-amzn-ErrorType", type);
    return response;
}

Response foreign_origin(std::string_view origin) {
    const std::string from(origin);
    return refusal(403, "AccessDeniedException",
                   "Requests from pages of '" + from +
                       "' are refused. Name the origin in AllowOrigins of the URL's Cors, or start "
                       "millrace with --allow-origin " +
                       from + ".");
}

// A 502 unless the function answered.
Response response_of(const Result<ports::InvokeOutcome>& outcome) {
    if (!outcome) {
        const Error& error = outcome.error();
        if (error.status == 0) return bad_gateway();
        const std::string type = error.code.substr(0, error.code.find(':'));  // without its reason
        return refusal(error.status, type, error.message);
    }
    return outcome->function_error ? bad_gateway() : url_response(outcome->payload);
}

Task<Response> invoke(Lambda& lambda, FunctionUrlPtr url, Request request, UrlVisit visit) {
    const auto function = lambda.functions().resolve(url->reference());
    if (!function) co_return refusal(404, function.error().code, function.error().message);
    Invocation invocation = lambda.invocations().prepare(*function, url->reference().arn(), {});
    visit.request_id = invocation.request_id;
    visit.trace_id = invocation.trace_id;
    invocation.payload = render_url_event(request, visit);
    if (invocation.payload.size() > event_bytes_max)
        co_return refusal(413, "RequestEntityTooLargeException", "Request Entity Too Large");
    Response response = response_of(co_await lambda.invocations().invoke(std::move(invocation)));
    response.headers.set("x-amzn-RequestId", visit.request_id);
    response.headers.set("X-Amzn-Trace-Id", visit.trace_id);
    co_return response;
}

}  // namespace

bool is_for_function_url(const Request& request) { return url_place(request).has_value(); }

Task<Response> answer_function_url(Lambda& lambda, Request request, UrlClient client) {
    const UrlPlace place = *url_place(request);
    const FunctionUrlPtr url = lambda.urls().find(place.id);
    if (!url || (!place.region.empty() && place.region != url->region))
        co_return refusal(403, "AccessDeniedException", nullptr);
    const std::string origin = request.headers.get("origin");
    const bool has_cors = url->cors && !origin.empty();
    if (client.is_foreign && !(has_cors && allows_origin(*url->cors, origin)))
        co_return foreign_origin(origin);
    if (has_cors && request.method == "OPTIONS" &&
        request.headers.contains("access-control-request-method"))
        co_return url_preflight_answer(*url->cors, origin);
    UrlVisit visit{.url_id = url->id,
                   .path = place.path,
                   .source_ip = std::move(client.address),
                   .now = lambda.now()};
    if (url->auth_type == "AWS_IAM") {
        if (!client.caller) co_return refusal(403, "AccessDeniedException", "Forbidden");
        visit.access_key = client.caller->access_key;
        visit.account = client.caller->account;
    }
    Response response = co_await invoke(lambda, url, std::move(request), std::move(visit));
    if (has_cors) add_url_cors_headers(*url->cors, origin, response);
    co_return response;
}

}  // namespace mill::lambda
