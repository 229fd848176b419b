// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP/1.1 connection, plain or TLS, that is opened on demand and kept. OpenSSL's BIO
// does the I/O, wire/http the framing.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "wire/http.h"

namespace millrace {

struct Url {
    bool tls = false;
    std::string host;
    std::string port;
    std::string authority;  // as the Host header wants it
};
Url parse_url(const std::string& text);  // throws std::invalid_argument

class ConnectionError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class HttpConnection {
  public:
    // No timeout: waits for ever, as the Runtime API's next does.
    explicit HttpConnection(Url url, std::chrono::seconds timeout = std::chrono::seconds(0));
    ~HttpConnection();
    // Throws ConnectionError. Host is set. A kept connection that turns out to be closed is opened
    // anew, once, if nothing was received.
    mill::wire::http::Response send(mill::wire::http::Request request);
    const Url& url() const { return url_; }

  private:
    struct State;
    void open();
    mill::wire::http::Response exchange(const std::string& bytes, bool head);
    Url url_;
    std::chrono::seconds timeout_;
    std::unique_ptr<State> state_;
};

}  // namespace millrace
