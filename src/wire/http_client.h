// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 client over machine::Network: one request, one answer. For the command line, and
// for functions and clients inside simulation.
#pragma once

#include "machine/network.h"
#include "wire/http.h"

namespace mill::wire::http {

// Opens a connection, sends, reads the answer, closes. `host` is set from the endpoint if absent.
Task<Result<Response>> exchange(machine::Network& network, machine::Endpoint to, Request request);
// As above, on a connection that is open, TLS perhaps. The other end may be anybody: no more than
// `answer_bytes_max` is kept of what it sends ("http.body_too_large").
Task<Result<Response>> exchange(machine::Connection& connection, Request request,
                                std::uint64_t answer_bytes_max);

// A connection kept open for several requests, one after the other.
class Client {
  public:
    Client(machine::Network& network, machine::Endpoint to)
        : network_(network), to_(std::move(to)) {}
    Task<Result<Response>> send(Request request);

  private:
    machine::Network& network_;
    machine::Endpoint to_;
    std::unique_ptr<machine::Connection> connection_;
};

}  // namespace mill::wire::http
