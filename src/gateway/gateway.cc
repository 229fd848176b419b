// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>

#include "base/base64.h"
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
           request.target == "/" && !request.headers.contains("x-amz-target");
}

// Our own paths. "/metrics" is where monitors look; signed, it is a bucket of S3.
bool is_local(const Request& request, const Scope& scope) {
    return request.path().starts_with(local_prefix) || (!scope && request.path() == "/metrics");
}

bool is_json(const wire::Service& service) { return service.protocol == wire::Protocol::aws_json; }

// What a service is asked to do.
struct Call {
    const wire::Operation* operation = nullptr;
    Caller caller;
    wire::Input input;
    bool is_local = false;                    // it is one of our own paths instead
    std::optional<Gateway::Visitor> visitor;  // or it is for the site
};

Result<wire::Output> part(Result<wire::HeldOutput> answer,
                          std::optional<Task<Result<wire::Told>>>& durable) {
    if (!answer) return Failure(std::move(answer).error());
    durable.emplace(std::move(answer->durable));
    return std::move(answer->output);
}

// The Date header's value, made once a second.
class DateText {
  public:
    const std::string& at(WallTime time) {
        const auto second = std::chrono::floor<std::chrono::seconds>(time);
        if (second != second_ || text_.empty()) {
            second_ = second;
            text_ = http_date(time);
        }
        return text_;
    }

  private:
    std::chrono::sys_seconds second_;
    std::string text_;
};

// Request ids are to be unlike each other, not secret: real entropy is only their seed.
// splitmix64: https://prng.di.unimi.it/splitmix64.c
class IdEntropy final : public machine::Entropy {
  public:
    explicit IdEntropy(machine::Entropy& seed) : state_(machine::random_u64(seed)) {}
    void fill(char* to, std::size_t count) override {
        for (std::size_t i = 0; i < count; i += sizeof(std::uint64_t)) {
            const std::uint64_t word = next();
            std::memcpy(to + i, &word, std::min(sizeof word, count - i));
        }
    }

  private:
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

// Who signed. The next request's credential is most often the last one's: read once.
class KnownScope {
  public:
    // Good until the next call.
    const Scope& of(const Request& request) {
        const auto header = request.headers.find("authorization");
        if (header && !text_.empty() && header->starts_with(text_)) return scope_;
        scope_ = wire::credential_scope(request);
        text_.clear();
        if (header && scope_) text_ = header->substr(0, credential_end(*header));
        return scope_;
    }

  private:
    // Behind what ends it, so that no longer credential begins alike; 0 if nothing does.
    static std::size_t credential_end(std::string_view header) {
        const std::size_t end = header.find_first_of(", ", header.find("Credential="));
        return end == std::string_view::npos ? 0 : end + 1;
    }
    std::string text_;  // the header up to there
    Scope scope_;
};

}  // namespace

struct Gateway::State {
    State(Machine& m, Options options, std::vector<wire::Service> s)
        : machine(m),
          services(std::move(s)),
          targets(services),
          ids(m.entropy),
          admission(std::move(options.allowed_hosts), std::move(options.allowed_origins)),
          connections(
              m, options.connections_max, options.idle_max,
              [this](Request& request, const machine::Connection& connection) {
                  return serve(request, &connection);
              },
              [this](const Request& head) { return takes_stream(head); }) {}

    // What is known of the request so far: for the error answer, the counts and the log.
    struct Exchange {
        const wire::Service* service = nullptr;
        const wire::Operation* operation = nullptr;
        std::string request_id;
        bool admitted = false;
    };

    // Without a connection the client is unknown.
    Task<Response> serve(Request& request, const machine::Connection* connection);
    bool takes_stream(const Request& head);
    const wire::StreamedOperation* find_streamed(const wire::Operation* operation) const;
    Task<Result<wire::Output>> invoke(Request& request, const wire::Service& service, Call& call);
    const wire::HeldOperation* find_held(const Request& request, const Call& call) const;
    Result<std::optional<Response>> begin(Request& request, Exchange& exchange, Call& call);
    Visitor visitor_of(const Request& request);
    Result<void> resolve(Request& request, const Scope& scope, Exchange& exchange, Call& call);
    Response answer_of(const Result<wire::Output>& output, const Request& request,
                       const Exchange& exchange);
    Response error_answer(const Error& error, const Request& request, const Exchange& exchange);
    void add_common_headers(Response& response, const Exchange& exchange);
    void complete(Response& response, const Request& request, const Exchange& exchange,
                  bool is_head);

    Machine& machine;
    std::vector<wire::Service> services;
    Targets targets;
    IdEntropy ids;
    Admission admission;
    KnownScope known_scope;
    Local local;
    Site site;
    Throttle throttle;
    std::span<const wire::StreamedOperation* const> streamed;
    std::span<const wire::HeldOperation* const> held;
    RequestCounts counts;
    DateText date;
    wire::JsonReader json_reader;
    std::vector<std::unique_ptr<machine::Listener>> listeners;
    Connections connections;  // last: its coroutines use the rest
};

Task<Response> Gateway::State::serve(Request& request, const machine::Connection* connection) {
    Exchange exchange;
    Call call;
    std::optional<Result<wire::Output>> output;
    std::optional<Task<Result<wire::Told>>> durable;
    const bool is_head = request.method == "HEAD";
    auto begun = begin(request, exchange, call);
    if (!exchange.service) exchange.service = &fallback_service(request);
    Response response;
    if (!begun) {
        response = error_answer(begun.error(), request, exchange);
    } else if (*begun) {
        response = **std::move(begun);
    } else if (call.is_local) {
        response = co_await local(request);
    } else if (call.visitor) {
        if (connection) call.visitor->address = connection->peer().host;
        response = co_await site.answer(std::move(request), *std::move(call.visitor));
    } else {
        try {
            if (const auto* operation = find_held(request, call)) {
                output.emplace(
                    part(co_await operation->invoke(exchange.service->instance,
                                                    std::move(call.caller), std::move(call.input)),
                         durable));
            } else {
                output.emplace(co_await invoke(request, *exchange.service, call));
            }
        } catch (const std::exception& e) {  // a bug, answered as an internal failure
            output.emplace(fail("internal.exception", e.what()));
        }
        response = answer_of(*output, request, exchange);
    }
    complete(response, request, exchange, is_head);
    if (durable) {
        const auto told = co_await *std::move(durable);
        if (!told) output.emplace(Failure(told.error()));
        if (!told || *told == wire::Told::has_changed) {
            response = answer_of(*output, request, exchange);
            complete(response, request, exchange, is_head);
        }
    }
    const std::string_view operation = exchange.operation ? exchange.operation->name : "unknown";
    counts.add(exchange.service->signing_name, operation, response.status);
    co_return response;
}

Response Gateway::State::answer_of(const Result<wire::Output>& output, const Request& request,
                                   const Exchange& exchange) {
    if (!output) return error_answer(output.error(), request, exchange);
    return wire::write_output(*exchange.service, *exchange.operation, *output, exchange.request_id);
}

void Gateway::State::complete(Response& response, const Request& request, const Exchange& exchange,
                              bool is_head) {
    add_common_headers(response, exchange);
    // A foreign page must not even read why it was refused.
    if (exchange.admitted && request.headers.contains("origin")) add_cors_headers(response);
    if (!is_head) return;
    if (!response.content_length) response.content_length = response.body.size();
    response.body.clear();
    response.stream.reset();
}

// A task, not a coroutine: it costs nothing.
Task<Result<wire::Output>> Gateway::State::invoke(Request& request, const wire::Service& service,
                                                  Call& call) {
    if (!request.incoming)
        return call.operation->invoke(service.instance, std::move(call.caller),
                                      std::move(call.input));
    const wire::StreamedOperation* operation = find_streamed(call.operation);
    MILL_ASSERT(operation);  // takes_stream() has found it
    return operation->invoke(service.instance, std::move(call.caller), std::move(call.input),
                             request.incoming);
}

const wire::HeldOperation* Gateway::State::find_held(const Request& request,
                                                     const Call& call) const {
    if (request.incoming) return nullptr;
    const auto at = std::ranges::find(held, call.operation, &wire::HeldOperation::operation);
    return at == held.end() ? nullptr : *at;
}

const wire::StreamedOperation* Gateway::State::find_streamed(
    const wire::Operation* operation) const {
    const auto at = std::ranges::find(streamed, operation, &wire::StreamedOperation::operation);
    return at == streamed.end() ? nullptr : *at;
}

// As resolve() will see it when all is there.
bool Gateway::State::takes_stream(const Request& head) {
    if (site.takes && site.takes(head)) return false;
    const Scope& scope = known_scope.of(head);
    if (local && is_local(head, scope)) return false;
    const auto service = find_service(services, head, scope);
    if (!service || (*service)->protocol != wire::Protocol::rest_xml) return false;
    Request named{.method = head.method, .target = head.target, .headers = head.headers};
    apply_virtual_host(named);
    const auto route = wire::match_route(**service, named);
    return route && find_streamed(route->operation);
}

// All that needs no waiting: the answer of a request that is no service's, or the call to make.
Result<std::optional<Response>> Gateway::State::begin(Request& request, Exchange& exchange,
                                                      Call& call) {
    exchange.request_id = machine::uuid_v4(ids);
    MILL_CHECK(admission.check_host(request));
    if (site.takes && site.takes(request)) {
        call.visitor = visitor_of(request);
        return std::nullopt;
    }
    MILL_CHECK(admission.check_origin(request));
    exchange.admitted = true;
    if (is_preflight(request)) return preflight_answer(request);
    const Scope& scope = known_scope.of(request);
    if (local && is_local(request, scope)) {
        call.is_local = true;
        return std::nullopt;
    }
    if (is_greeting(request, scope)) return text_answer(200, std::string(greeting));
    MILL_CHECK(resolve(request, scope, exchange, call));
    return std::nullopt;
}

Gateway::Visitor Gateway::State::visitor_of(const Request& request) {
    Visitor visitor{.is_foreign = !admission.check_origin(request)};
    if (const Scope& scope = known_scope.of(request)) visitor.caller = caller_of(*scope);
    return visitor;
}

Result<void> Gateway::State::resolve(Request& request, const Scope& scope, Exchange& exchange,
                                     Call& call) {
    wire::Route route;
    if (const auto target = targets.find(request)) {
        exchange.service = target->service;
        route.operation = target->operation;
    } else {
        MILL_TRY(exchange.service, find_service(services, request, scope));
    }
    const wire::Service& service = *exchange.service;
    if (service.protocol == wire::Protocol::rest_xml) {
        apply_virtual_host(request);
        MILL_CHECK(check_expiry(request, machine.clock.wall()));
        exchange.request_id = machine::random_hex(ids, 16);
        for (char& c : exchange.request_id) {  // in upper case, as S3 has them
            if (c >= 'a') c = static_cast<char>(c - ('a' - 'A'));
        }
    }
    if (!route.operation) {
        MILL_TRY(route, find_operation(service, request));
    }
    exchange.operation = call.operation = route.operation;
    MILL_TRY(call.caller, authenticate(service, scope));
    call.caller.host = request.headers.view("host");
    MILL_TRY(call.input, wire::read_input(service, route, request, json_reader));
    if (throttle) MILL_CHECK(throttle(service, *call.operation, call.caller, call.input));
    return {};
}

Response Gateway::State::error_answer(const Error& error, const Request& request,
                                      const Exchange& exchange) {
    if (error.status == 0) {
        machine.log.error(
            "request.failed",
            {{"service", std::string(exchange.service->signing_name)},
             {"operation", std::string(exchange.operation ? exchange.operation->name : "")},
             {"request_id", exchange.request_id},
             {"code", error.code},
             {"message", error.message}});
    }
    return wire::write_error(*exchange.service, error, {exchange.request_id, request.path()});
}

void Gateway::State::add_common_headers(Response& response, const Exchange& exchange) {
    const wire::Service& service = *exchange.service;
    response.headers.set("Date", date.at(machine.clock.wall()));
    const bool s3 = service.protocol == wire::Protocol::rest_xml;
    // Kinesis and S3 add a second id: 72 bytes in base64.
    if (s3 || (is_json(service) && service.signing_name == "kinesis")) {
        std::array<char, 72> raw;
        std::array<char, base64_length(raw.size())> text;
        ids.fill(raw.data(), raw.size());
        base64_encode_to({raw.data(), raw.size()}, text.data());
        response.headers.set("x-amz-id-2", {text.data(), text.size()});
    }
    if (s3) response.headers.set("x-amz-request-id", exchange.request_id);
    // Lambda's Invoke says the invocation's own id.
    if (!s3 && !response.headers.contains("x-amzn-requestid"))
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

Task<Response> Gateway::serve(Request request) {
    co_return co_await state_->serve(request, nullptr);
}

void Gateway::set_local(Local local) { state_->local = std::move(local); }

void Gateway::set_site(Site site) { state_->site = std::move(site); }

void Gateway::set_throttle(Throttle throttle) { state_->throttle = std::move(throttle); }

void Gateway::set_streamed(std::span<const wire::StreamedOperation* const> operations) {
    state_->streamed = operations;
}

void Gateway::set_held(std::span<const wire::HeldOperation* const> operations) {
    state_->held = operations;
}

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
