// SPDX-License-Identifier: Apache-2.0
// The Runtime API of one environment: an HTTP listener of its own on the loopback interface, so
// that the listener itself says which environment calls, and the order of calls that a runtime must
// keep. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "machine/machine.h"
#include "wire/http.h"

namespace mill::lambda {

// What the service accepts as an answer: 6 MiB and a little.
constexpr std::size_t response_bytes_max = 6 * 1024 * 1024 + 100;

struct RuntimeEvent {
    std::string request_id;
    Bytes payload;
    std::string invoked_arn;
    std::string trace_id;
    std::string client_context;  // JSON, or empty
    WallTime deadline;
};

struct RuntimeAnswer {
    bool failed = false;     // posted to .../error, or refused by the service
    std::string error_type;  // "Runtime.Unknown" and the like, when failed
    Bytes body;
};

class RuntimeApi {
  public:
    enum class State { started, ready, running, answered };

    // `changed` is notified whenever state(), answer() or init_error() may have changed.
    RuntimeApi(Machine& machine, machine::Signal& changed)
        : machine_(machine), changed_(changed), event_there_(machine.executor) {}
    Result<machine::Endpoint> listen();
    // A new process takes over: drops the old one's connections.
    void restart();
    // State ready only.
    void deliver(RuntimeEvent event);
    State state() const { return state_; }
    const std::optional<RuntimeAnswer>& answer() const { return answer_; }
    const std::optional<RuntimeAnswer>& init_error() const { return init_error_; }

  private:
    using Request = wire::http::Request;
    using Response = wire::http::Response;
    Task<void> serve(std::unique_ptr<machine::Connection> connection);
    Task<Response> route(Request request);
    Task<Response> next();
    Response invocation_answer(const std::string& id, bool failed, Request request);
    Response refuse_too_large();
    Response take_init_error(Request request);
    void take_answer(RuntimeAnswer answer);
    void move_to(State state);

    Machine& machine_;
    machine::Signal& changed_;
    machine::Signal event_there_;
    State state_ = State::started;
    std::optional<RuntimeEvent> event_;
    std::optional<RuntimeAnswer> answer_;
    std::optional<RuntimeAnswer> init_error_;
    std::unique_ptr<machine::Listener> listener_;
    Scope connections_;  // last: its tasks use everything above
};

// What the header Lambda-Runtime-Function-Error-Type counts as.
std::string known_error_type(const std::string& header);

}  // namespace mill::lambda
