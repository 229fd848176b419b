// SPDX-License-Identifier: Apache-2.0
// The front door: route, authenticate, decode, invoke, encode. Knows services as a table only.
// Executor thread only. It keeps no state that a crash could lose.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "wire/held.h"
#include "wire/http.h"
#include "wire/operation.h"
#include "wire/streamed.h"

namespace mill::gateway {

struct Options {
    std::vector<std::string> allowed_hosts;    // beside localhost, *.localhost, *.amazonaws.com and
                                               // the listeners' literals
    std::vector<std::string> allowed_origins;  // beside http(s)://localhost:* and 127.0.0.1:*
    std::uint32_t connections_max = 10'000;
    Duration idle_max = std::chrono::minutes(5);
};

class Gateway {
  public:
    Gateway(Machine& machine, Options options, std::vector<wire::Service> services);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    // "net.in_use" names the address and the remedy.
    Result<machine::Endpoint> listen(const machine::Endpoint& at);
    // One request, one answer; every error becomes an answer in the protocol's own error shape.
    Task<wire::http::Response> serve(wire::http::Request request);
    // Paths under /_millrace/ and, unsigned, /metrics are answered by this, if set.
    using Local = std::function<Task<wire::http::Response>(wire::http::Request)>;
    void set_local(Local local);
    // What has hosts or paths of its own, and its own idea of who may come: functions' URLs.
    struct Visitor {
        std::string address;           // the client's
        bool is_foreign = false;       // a page of an origin that is not admitted
        std::optional<Caller> caller;  // who signed
    };
    struct Site {
        std::function<bool(const wire::http::Request&)> takes;
        std::function<Task<wire::http::Response>(wire::http::Request, Visitor)> answer;
    };
    void set_site(Site site);
    // Asked before each call of an operation, if set; its error is the answer.
    using Throttle = std::function<Result<void>(const wire::Service&, const wire::Operation&,
                                                const Caller&, wire::Input&)>;
    void set_throttle(Throttle throttle);
    // Large bodies of these are handed over while they come; those of all others are held.
    void set_streamed(std::span<const wire::StreamedOperation* const> operations);
    // Answers of these are made while they wait to be durable.
    void set_held(std::span<const wire::HeldOperation* const> operations);
    // Requests answered and connections open, in Prometheus' text format.
    std::string metrics_text() const;
    // Stops accepting, lets requests under way finish until the deadline. Never from within a
    // request.
    Task<void> drain(Instant deadline);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mill::gateway
