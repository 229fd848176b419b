// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/environments/runtime_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/value.h"

namespace mill::lambda {
namespace {

namespace http = wire::http;

// Answers beyond what the service accepts are still read up to here, so that the runtime gets its
// 413.
constexpr http::Limits limits{.body_bytes_max = 64ull * 1024 * 1024};
constexpr std::string_view loopback = "127.0.0.1";
constexpr std::string_view version_prefix = "/2018-06-01";
constexpr std::string_view invocation_prefix = "/runtime/invocation/";

http::Response json(int status, Bytes body) {
    http::Response response{.status = status, .body = std::move(body)};
    response.headers.set("content-type", "application/json");
    return response;
}

http::Response error(int status, std::string_view type, std::string_view message) {
    wire::Value body = wire::Value::map();
    body["errorMessage"] = message;
    body["errorType"] = type;
    return json(status, wire::write_json(body));
}

// A page may guess the port; behind a name of its own it shows as another host (DNS rebinding).
bool is_from_a_browser(const http::Request& request) {
    const auto host = request.headers.find("host");
    return request.headers.contains("origin") ||
           (host && *host != loopback && !host->starts_with(std::string(loopback) + ":"));
}

http::Response accepted() { return json(202, "{\"status\":\"OK\"}\n"); }

std::string_view name_of(RuntimeApi::State state) {
    switch (state) {
        case RuntimeApi::State::started:
            return "Started";
        case RuntimeApi::State::ready:
            return "Ready";
        case RuntimeApi::State::running:
            return "Running";
        case RuntimeApi::State::answered:
            return "ResponseSent";
    }
    return "";
}

http::Response wrong_state(RuntimeApi::State from, std::string_view to) {
    return error(403, "InvalidStateTransition",
                 fmt::format("State transition from {} to {} failed for runtime. Error: State "
                             "transition is not allowed",
                             name_of(from), to));
}

}  // namespace

std::string known_error_type(const std::string& header) {
    for (const std::string_view prefix : {"Runtime.", "Function."}) {
        if (!header.starts_with(prefix)) continue;
        const std::string_view name = std::string_view(header).substr(prefix.size());
        const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        if (name.size() >= 2 && name[0] >= 'A' && name[0] <= 'Z' &&
            std::all_of(name.begin(), name.end(), letter)) {
            return header;
        }
        return fmt::format("{}Unknown", prefix);
    }
    return "Runtime.Unknown";
}

Result<machine::Endpoint> RuntimeApi::listen() {
    MILL_TRY(listener_,
             machine_.network.listen({std::string(loopback), 0},
                                     [this](std::unique_ptr<machine::Connection> connection) {
                                         connections_.spawn(serve(std::move(connection)));
                                     }));
    return listener_->local();
}

void RuntimeApi::restart() {
    connections_.clear();
    event_.reset();
    answer_.reset();
    init_error_.reset();
    state_ = State::started;
}

void RuntimeApi::deliver(RuntimeEvent event) {
    MILL_ASSERT(state_ == State::ready);
    event_ = std::move(event);
    answer_.reset();
    state_ = State::running;
    event_there_.notify_all();
}

void RuntimeApi::move_to(State state) {
    state_ = state;
    changed_.notify_all();
}

Task<void> RuntimeApi::serve(std::unique_ptr<machine::Connection> connection) {
    http::RequestParser parser(limits);
    for (;;) {
        const std::span<char> room = parser.room();
        auto count = co_await connection->read(room.data(), room.size());
        if (!count || *count == 0) co_return;
        const auto fed = parser.received(*count);
        while (auto request = parser.take()) {
            const bool keep_alive = request->keep_alive;
            const http::Response response = co_await route(*std::move(request));
            const std::string bytes = http::serialize(response, keep_alive);
            if (!co_await connection->write(bytes) || !keep_alive) co_return;
        }
        if (!fed) {
            const bool large =
                fed.error().code == "http.body_too_large" && state_ == State::running;
            const http::Response response =
                large ? refuse_too_large() : error(400, "BadRequest", fed.error().message);
            const std::string bytes = http::serialize(response, false);
            co_await connection->write(bytes);
            co_return;
        }
        if (parser.take_expect_continue() &&
            !co_await connection->write(http::RequestParser::continue_line))
            co_return;
    }
}

Task<RuntimeApi::Response> RuntimeApi::route(Request request) {
    if (is_from_a_browser(request)) {
        co_return error(403, "AccessDenied", "The Runtime API is not for web pages.");
    }
    std::string_view path = request.path();
    if (!path.starts_with(version_prefix)) co_return error(404, "NotFound", "404 page not found");
    path.remove_prefix(version_prefix.size());
    if (path == "/ping" && request.method == "GET") {
        Response pong{.status = 200, .body = "pong"};
        co_return pong;
    }
    if (path == "/runtime/invocation/next" && request.method == "GET") co_return co_await next();
    if (path == "/runtime/init/error" && request.method == "POST")
        co_return take_init_error(std::move(request));
    if (path.starts_with(invocation_prefix) && request.method == "POST") {
        path.remove_prefix(invocation_prefix.size());
        const std::size_t slash = path.find('/');
        const std::string id = http::percent_decode(path.substr(0, slash));
        const std::string verb(slash == path.npos ? std::string_view() : path.substr(slash + 1));
        if (verb == "response" || verb == "error")
            co_return invocation_answer(id, verb == "error", std::move(request));
    }
    co_return error(404, "NotFound", "404 page not found");
}

Task<RuntimeApi::Response> RuntimeApi::next() {
    // Asked again while an event is unanswered, the runtime gets the same event again.
    if (state_ != State::running && state_ != State::ready) move_to(State::ready);
    while (state_ != State::running) co_await event_there_.wait();
    Response response{.status = 200, .body = event_->payload};
    const auto set = [&](const char* name, const std::string& value) {
        if (!value.empty()) response.headers.set(name, value);
    };
    set("content-type", "application/json");
    set("lambda-runtime-aws-request-id", event_->request_id);
    set("lambda-runtime-trace-id", event_->trace_id);
    set("lambda-runtime-client-context", event_->client_context);
    set("lambda-runtime-invoked-function-arn", event_->invoked_arn);
    set("lambda-runtime-deadline-ms", std::to_string(epoch_ms(event_->deadline)));
    co_return response;
}

void RuntimeApi::take_answer(RuntimeAnswer answer) {
    answer_ = std::move(answer);
    event_.reset();
    move_to(State::answered);
}

RuntimeApi::Response RuntimeApi::refuse_too_large() {
    const std::string text =
        fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).",
                    response_bytes_max);
    wire::Value body = wire::Value::map();
    body["errorType"] = "Function.ResponseSizeTooLarge";
    body["errorMessage"] = text;
    take_answer({.failed = true,
                 .error_type = "Function.ResponseSizeTooLarge",
                 .body = wire::write_json(body)});
    return error(
        413, "RequestEntityTooLarge",
        fmt::format("Exceeded maximum allowed payload size ({} bytes).", response_bytes_max));
}

RuntimeApi::Response RuntimeApi::invocation_answer(const std::string& id, bool failed,
                                                   Request request) {
    const std::string_view to = failed ? "InvocationErrorResponse" : "InvocationResponse";
    if (state_ == State::started || state_ == State::answered) return wrong_state(state_, to);
    if (!event_ || event_->request_id != id)
        return error(400, "InvalidRequestID", "Invalid request ID");
    const std::string mode = request.headers.get("lambda-runtime-function-response-mode");
    if (!failed && !mode.empty() && mode != "streaming") {
        const std::string text = "Invalid response mode header";
        take_answer({.failed = true,
                     .error_type = "Runtime.InvalidResponseModeHeader",
                     .body = error(400, "Runtime.InvalidResponseModeHeader", text).body});
        return error(400, "InvalidFunctionResponseMode", text);
    }
    if (request.body.size() > response_bytes_max) return refuse_too_large();
    RuntimeAnswer answer{.failed = failed, .body = std::move(request.body)};
    if (failed)
        answer.error_type =
            known_error_type(request.headers.get("lambda-runtime-function-error-type"));
    take_answer(std::move(answer));
    return accepted();
}

RuntimeApi::Response RuntimeApi::take_init_error(Request request) {
    if (state_ != State::started || init_error_) return wrong_state(state_, "InitError");
    init_error_ = RuntimeAnswer{
        .failed = true,
        .error_type = known_error_type(request.headers.get("lambda-runtime-function-error-type")),
        .body = std::move(request.body)};
    changed_.notify_all();
    return accepted();
}

}  // namespace mill::lambda
