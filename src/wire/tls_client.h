// SPDX-License-Identifier: Apache-2.0
// TLS towards servers, over any machine::Connection: OpenSSL turns bytes into bytes, the machine
// carries them. TLS 1.2 at least. A server is believed if its certificate is valid by the machine's
// clock, made for the name it was asked for by, and comes from an authority that the host or the
// user trusts. Keys come from OpenSSL's own generator, not from machine::Entropy. Executor thread
// only. Errors: "net.tls", and those of the network.
#pragma once

#include <memory>
#include <string>

#include "machine/machine.h"
#include "machine/signal.h"

struct ssl_st;
struct ssl_ctx_st;

namespace mill::wire::tls {

class Client {
  public:
    // `bundle` names a file of certificates (PEM) to trust beside those of the host; may be empty.
    Client(Machine& machine, std::string bundle)
        : machine_(machine), bundle_(std::move(bundle)), loaded_(machine.executor) {}

    // Connects and shakes hands. `name` is whom the certificate must be for: a host name or an IP
    // address. No deadline: the caller has one. The connection ends where the peer's bytes end,
    // also without a farewell in TLS: many servers do not give one.
    Task<Result<std::unique_ptr<machine::Connection>>> connect(machine::Endpoint to,
                                                               std::string name);

  private:
    using Context = std::shared_ptr<ssl_ctx_st>;
    class Loading;

    Task<Result<Context>> context();

    Machine& machine_;
    std::string bundle_;
    Context context_;  // made when it is first wanted: the host's certificates are many
    bool is_loading_ = false;
    machine::Signal loaded_;
};

// Whether the file can be read and looks as if it held certificates: "net.tls" names it. Takes no
// more than reading it; what is damaged is found when it is first wanted. Blocks.
Result<void> check_bundle(machine::Files& files, const std::string& path);

// What Client is made of: shakes hands in the role that `ssl` has been set to, and takes it.
Task<Result<std::unique_ptr<machine::Connection>>> secure(
    std::unique_ptr<machine::Connection> plain, ssl_st* ssl);

}  // namespace mill::wire::tls
