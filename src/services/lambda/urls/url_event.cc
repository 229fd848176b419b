// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/urls/url_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/base64.h"
#include "wire/notation.h"
#include "wire/value.h"

namespace mill::lambda {
namespace {

using wire::Value;
using wire::http::Request;
using wire::http::Response;

// Of one connection, not of the request.
constexpr std::array<std::string_view, 9> hop_headers = {
    "connection",       "expect", "keep-alive", "proxy-authorization",
    "proxy-connection", "te",     "trailer",    "transfer-encoding",
    "upgrade"};
// What the server says of its answer itself; a function's own come as x-amzn-remapped-...
constexpr std::array<std::string_view, 7> own_headers = {
    "connection", "content-length",    "date",   "keep-alive",
    "trailer",    "transfer-encoding", "upgrade"};

bool holds(const auto& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = wire::utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool is_text(std::string_view content_type) {
    const std::string type = lower(content_type.substr(0, content_type.find(';')));
    return type.starts_with("text/") || type.find("json") != type.npos ||
           type.find("xml") != type.npos || type.find("javascript") != type.npos;
}

// Several of one name are one, with commas between.
void add_joined(std::map<std::string, std::string>& to, std::string name, std::string_view value) {
    const auto [place, is_first] = to.try_emplace(std::move(name), value);
    if (is_first) return;
    place->second += ',';
    place->second += value;
}

Value value_of(const std::map<std::string, std::string>& map) {
    Value out = Value::map();
    for (const auto& [name, value] : map) out.members()->emplace_back(name, value);
    return out;
}

Value headers_of(const Request& request, const UrlVisit& visit) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers) {
        if (name != "cookie" && !holds(hop_headers, name))
            add_joined(headers, std::string(name), value);
    }
    const std::string_view host = request.headers.view("host");
    const std::size_t colon = host.rfind(':');
    const bool has_port = colon != host.npos && host.find(']', colon) == host.npos;
    headers["x-forwarded-for"] = visit.source_ip;
    headers["x-forwarded-proto"] = "http";
    headers["x-forwarded-port"] = has_port ? host.substr(colon + 1) : "80";
    headers["x-amzn-trace-id"] = visit.trace_id.substr(0, visit.trace_id.find(';'));
    return value_of(headers);
}

Value cookies_of(const Request& request) {
    Value cookies = Value::list();
    for (const auto& [name, value] : request.headers) {
        if (name != "cookie") continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = rest.find(';');
            std::string_view one = rest.substr(0, end);
            rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
            while (one.starts_with(' ')) one.remove_prefix(1);
            if (!one.empty()) cookies.push_back(one);
        }
    }
    return cookies;
}

// "12/Mar/2020:19:03:58 +0000"
std::string log_time(WallTime time) {
    const std::string date = http_date(time);  // "Thu, 12 Mar 2020 19:03:58 GMT"
    return fmt::format("{}/{}/{}:{} +0000", date.substr(5, 2), date.substr(8, 3),
                       date.substr(12, 4), date.substr(17, 8));
}

Value context_of(const Request& request, const UrlVisit& visit) {
    Value context = Value::map();
    context["accountId"] = visit.account.empty() ? "anonymous" : visit.account;
    context["apiId"] = visit.url_id;
    if (!visit.account.empty()) {
        Value iam = Value::Map{
            {"accessKey", visit.access_key}, {"accountId", visit.account},
            {"callerId", visit.account},     {"cognitoIdentity", nullptr},
            {"principalOrgId", nullptr},     {"userArn", "arn:aws:iam::" + visit.account + ":root"},
            {"userId", visit.account}};
        context["authorizer"] = Value::Map{{"iam", std::move(iam)}};
    }
    context["domainName"] = request.headers.view("host");
    context["domainPrefix"] = visit.url_id;
    context["http"] = Value::Map{{"method", request.method},
                                 {"path", visit.path},
                                 {"protocol", "HTTP/1.1"},
                                 {"sourceIp", visit.source_ip},
                                 {"userAgent", request.headers.view("user-agent")}};
    context["requestId"] = visit.request_id;
    context["routeKey"] = "$default";
    context["stage"] = "$default";
    context["time"] = log_time(visit.now);
    context["timeEpoch"] = epoch_ms(visit.now);
    return context;
}

void put_body(const Request& request, Value& event) {
    const bool plain = is_text(request.headers.view("content-type")) && is_utf8(request.body);
    if (!request.body.empty()) event["body"] = plain ? request.body : base64_encode(request.body);
    event["isBase64Encoded"] = !request.body.empty() && !plain;
}

Response json_response(BytesView body) {
    Response response{.body = Bytes(body)};
    response.headers.set("Content-Type", "application/json");
    return response;
}

bool is_header_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view value) {
    return std::ranges::none_of(value, [](char c) {
        return c != '\t' && (static_cast<unsigned char>(c) < ' ' || c == 127);
    });
}

// A scalar as text.
std::optional<std::string> text_in(const Value& value) {
    if (value.string()) return *value.string();
    if (value.integer() || value.real() || value.boolean()) return wire::write_json(value);
    return std::nullopt;
}

std::optional<int> status_of(const Value& value) {
    const auto text = text_in(value);
    if (!text || text->size() != 3 || text->find_first_not_of("0123456789") != text->npos)
        return std::nullopt;
    const int status = std::stoi(*text);
    return status >= 200 && status < 600 ? std::optional(status) : std::nullopt;
}

bool put_headers(const Value& answer, Response& response) {
    response.headers.set("Content-Type", "application/json");
    const Value* headers = answer.find("headers");
    if (headers && !headers->is_null() && !headers->members()) return false;
    if (headers && headers->members()) {
        for (const auto& [name, value] : *headers->members()) {
            const auto text = text_in(value);
            if (!text || !is_header_name(name) || !is_header_value(*text)) return false;
            response.headers.set(
                holds(own_headers, lower(name)) ? "x-amzn-remapped-" + lower(name) : name, *text);
        }
    }
    for (const Value& cookie : wire::list_of(answer, "cookies")) {
        const auto text = text_in(cookie);
        if (!text || !is_header_value(*text)) return false;
        response.headers.add("Set-Cookie", *text);
    }
    return true;
}

bool put_answer_body(const Value& answer, Response& response) {
    const Value* body = answer.find("body");
    if (!body || body->is_null()) return true;
    const Value* flag = answer.find("isBase64Encoded");
    if (!flag || !flag->boolean() || !*flag->boolean()) {
        response.body = body->string() ? *body->string() : wire::write_json(*body);
        return true;
    }
    if (!body->string()) return false;
    auto decoded = base64_decode(*body->string());
    if (!decoded) return false;
    response.body = *std::move(decoded);
    return true;
}

}  // namespace

Bytes render_url_event(const Request& request, const UrlVisit& visit) {
    Value event = Value::map();
    event["version"] = "2.0";
    event["routeKey"] = "$default";
    event["rawPath"] = visit.path;
    event["rawQueryString"] = request.query();
    if (Value cookies = cookies_of(request); !cookies.items()->empty())
        event["cookies"] = std::move(cookies);
    event["headers"] = headers_of(request, visit);
    std::map<std::string, std::string> parameters;
    for (auto& [name, value] : wire::http::parse_query(request.query()))
        add_joined(parameters, std::move(name), value);
    if (!parameters.empty()) event["queryStringParameters"] = value_of(parameters);
    event["requestContext"] = context_of(request, visit);
    put_body(request, event);
    return wire::write_json(event);
}

Response bad_gateway() {
    Response response = json_response("Internal Server Error");
    response.status = 502;
    return response;
}

Response url_response(BytesView payload) {
    const auto answer = wire::parse_json(payload);
    // A runtime of the user's own may have answered anything.
    if (!answer) return json_response(payload);
    if (answer->string()) return json_response(*answer->string());
    const Value* wanted = answer->find("statusCode");
    if (!wanted) return json_response(payload);
    const auto status = status_of(*wanted);
    Response response{.status = status.value_or(0)};
    if (!status || !put_headers(*answer, response) || !put_answer_body(*answer, response))
        return bad_gateway();
    return response;
}

}  // namespace mill::lambda
