// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

#include <exception>

#include "gateway/admission.h"
#include "gateway/connections.h"
#include "gateway/metrics.h"
#include "gateway/resolve.h"

namespace mill::gateway {
namespace {

using wire::http::Request;
using wire::http::Response;

constexpr std::string_view local_prefix = "/_millrace/";
constexpr std::string_view greeting =
    "This is Millrace: AWS Lambda and Kinesis on this machine.\n"
    "Point the AWS CLI or an SDK at it:  eval \"$(millrace env)\"\n";

Response text_answer(int status, std::string text) {
    Response response{.status = status, .body = std::move(text)};
    response.headers.set("Content-Type", "text/plain; charset=utf-8");
    return response;
}

bool is_greeting(const Request& request, const Scope& scope) {
    return !scope && (request.method == "GET" || request.method == "HEAD") &&
           request.target == "/" && !request.headers.find("x-amz-target");
}

// Our own paths. "/metrics" is where monitors look; signed, it is a bucket of S3.
bool is_local(const Request& request, const Scope& scope) {
    return request.path().starts_with(local_prefix) || (!scope && request.path() == "/metrics");
}

// 16 hexadecimal digits in upper case, as S3 has them.
std::string s3_request_id(machine::Entropy& entropy) {
    std::string id = machine::random_hex(entropy, 16);
    for (char& c : id) {
        if (c >= 'a') c = static_cast<char>(c - ('a' - 'A'));
    }
    return id;
}

bool is_json(const wire::Service& service) { return service.protocol == wire::Protocol::aws_json; }

// Calls the operation; an exception that leaves a handler is a bug, answered as an internal
// failure.
Task<Result<wire::Output>> invoke(const wire::Service& service, const wire::Operation& operation,
                                  Caller caller, wire::Value input) {
    try {
        co_return co_await operation.invoke(service.instance, std::move(caller), std::move(input));
    } catch (const std::exception& e) {
        co_return fail("internal.exception", e.what());
    }
}

}  // namespace

struct Gateway::State {
    State(Machine& m, Options options, std::vector<wire::Service> s)
        : machine(m),
          services(std::move(s)),
          admission(std::move(options.allowed_hosts), std::move(options.allowed_origins)),
          connections(m, options.connections_max, options.idle_max,
                      [this](Request request) { return serve(std::move(request)); }) {}

    // What is known of the request so far: for the error answer, the counts and the log.
    struct Exchange {
        const wire::Service* service = nullptr;
        const wire::Operation* operation = nullptr;
        std::string request_id;
        std::string resource;
        bool admitted = false;
    };

    Task<Response> serve(Request request);
    Task<Result<Response>> answer(Request request, Exchange& exchange);
    Task<Result<Response>> perform(Request request, Scope scope, Exchange& exchange);
    Response error_answer(const Error& error, const Exchange& exchange);
    void add_common_headers(Response& response, const Exchange& exchange);

    Machine& machine;
    std::vector<wire::Service> services;
    Admission admission;
    Local local;
    RequestCounts counts;
    std::vector<std::unique_ptr<machine::Listener>> listeners;
    Connections connections;  // last: its coroutines use the rest
};

Task<Response> Gateway::State::serve(Request request) {
    const bool head = request.method == "HEAD";
    const bool from_page = request.headers.find("origin") != nullptr;
    Exchange exchange;
    exchange.service = &fallback_service(request);
    exchange.request_id = machine::uuid_v4(machine.entropy);
    exchange.resource = std::string(request.path());

    auto answered = co_await answer(std::move(request), exchange);
    Response response = answered ? *std::move(answered) : error_answer(answered.error(), exchange);
    add_common_headers(response, exchange);
    // A foreign page must not even read why it was refused.
    if (from_page && exchange.admitted) add_cors_headers(response);
    if (head) {
        if (!response.content_length) response.content_length = response.body.size();
        response.body.clear();
    }
    const std::string_view operation = exchange.operation ? exchange.operation->name : "unknown";
    counts.add(exchange.service->signing_name, operation, response.status);
    co_return response;
}

Task<Result<Response>> Gateway::State::answer(Request request, Exchange& exchange) {
    MILL_CO_CHECK(admission.check(request));
    exchange.admitted = true;
    if (is_preflight(request)) co_return preflight_answer(request);
    Scope scope = wire::credential_scope(request);
    if (local && is_local(request, scope)) co_return local(request);
    if (is_greeting(request, scope)) co_return text_answer(200, std::string(greeting));
    MILL_CO_TRY(exchange.service, find_service(services, request, scope));
    co_return co_await perform(std::move(request), std::move(scope), exchange);
}

Task<Result<Response>> Gateway::State::perform(Request request, Scope scope, Exchange& exchange) {
    const wire::Service& service = *exchange.service;
    if (service.protocol == wire::Protocol::rest_xml) {
        apply_virtual_host(request);
        exchange.resource = std::string(request.path());
        exchange.request_id = s3_request_id(machine.entropy);
    }
    MILL_CO_TRY(wire::Route route, find_operation(service, request));
    exchange.operation = route.operation;
    MILL_CO_TRY(Caller caller, authenticate(service, scope));
    MILL_CO_TRY(wire::Value input, wire::read_input(service, route, request));
    MILL_CO_TRY(wire::Output output,
                co_await invoke(service, *route.operation, std::move(caller), std::move(input)));
    co_return wire::write_output(service, *route.operation, output, exchange.request_id);
}

Response Gateway::State::error_answer(const Error& error, const Exchange& exchange) {
    if (error.status == 0) {
        machine.log.error(
            "request.failed",
            {{"service", std::string(exchange.service->signing_name)},
             {"operation", std::string(exchange.operation ? exchange.operation->name : "")},
             {"request_id", exchange.request_id},
             {"code", error.code},
             {"message", error.message}});
    }
    return wire::write_error(*exchange.service, error, {exchange.request_id, exchange.resource});
}

void Gateway::State::add_common_headers(Response& response, const Exchange& exchange) {
    const wire::Service& service = *exchange.service;
    response.headers.set("Date", http_date(machine.clock.wall()));
    const bool s3 = service.protocol == wire::Protocol::rest_xml;
    // Kinesis and S3 add a second id: 72 bytes in base64.
    if (s3 || (is_json(service) && service.signing_name == "kinesis")) {
        Bytes raw(72, '\0');
        machine.entropy.fill(raw.data(), raw.size());
        response.headers.set("x-amz-id-2", base64_encode(raw));
    }
    if (s3) response.headers.set("x-amz-request-id", exchange.request_id);
    // Lambda's Invoke says the invocation's own id.
    if (!s3 && !response.headers.find("x-amzn-requestid"))
        response.headers.set("x-amzn-RequestId", exchange.request_id);
}

Gateway::Gateway(Machine& machine, Options options, std::vector<wire::Service> services)
    : state_(std::make_unique<State>(machine, std::move(options), std::move(services))) {}
Gateway::~Gateway() = default;

Result<machine::Endpoint> Gateway::listen(const machine::Endpoint& at) {
    State& s = *state_;
    auto listener =
        s.machine.network.listen(at, [&s](std::unique_ptr<machine::Connection> connection) {
            s.connections.accept(std::move(connection));
        });
    if (!listener && listener.error().code == "net.in_use") {
        return fail("net.in_use",
                    at.text() +
                        " is in use, perhaps by another millrace. Stop that one, or choose another "
                        "address with --listen HOST:PORT.");
    }
    if (!listener) return Failure(std::move(listener).error());
    s.admission.add_listener(at.host);
    const machine::Endpoint bound = (*listener)->local();
    s.listeners.push_back(*std::move(listener));
    return bound;
}

Task<Response> Gateway::serve(Request request) { return state_->serve(std::move(request)); }

void Gateway::set_local(Local local) { state_->local = std::move(local); }

std::string Gateway::metrics_text() const {
    return state_->counts.text() +
           "# HELP millrace_connections Client connections open.\n# TYPE millrace_connections "
           "gauge\nmillrace_connections " +
           std::to_string(state_->connections.open()) + "\n";
}

Task<void> Gateway::drain(Instant deadline) {
    state_->listeners.clear();
    return state_->connections.drain(deadline);
}

}  // namespace mill::gateway
