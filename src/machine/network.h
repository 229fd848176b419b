// SPDX-License-Identifier: Apache-2.0
// Network: stream connections. Errors: "net.closed" (the peer is gone), "net.in_use",
// "net.refused", "net".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "machine/task.h"

namespace mill::machine {

struct Endpoint {
    std::string host;  // an IP literal, "127.0.0.1" or "::1"; to connect, a name as well
    unsigned short port = 0;
    bool operator==(const Endpoint&) const = default;
    std::string text() const;  // "127.0.0.1:4566", "[::1]:4566"
};
// "HOST:PORT", "[V6]:PORT" or ":PORT" (= 127.0.0.1). Error code "net.endpoint".
Result<Endpoint> parse_endpoint(const std::string& text);

class Connection {
  public:
    virtual ~Connection() = default;  // closes
    // At least one byte; 0 when the peer has finished sending. One reader at a time.
    virtual Task<Result<std::size_t>> read(char* to, std::size_t count) = 0;
    // All of it. `bytes` must stay until the task is done. One writer at a time.
    virtual Task<Result<void>> write(BytesView bytes) = 0;
    virtual void close() = 0;  // pending reads and writes end with "net.closed"
    virtual Endpoint peer() const = 0;
};

class Listener {
  public:
    virtual ~Listener() = default;  // stops accepting
    virtual Endpoint local() const = 0;
};

class Network {
  public:
    virtual ~Network() = default;
    using Accept = std::function<void(std::unique_ptr<Connection>)>;
    // Port 0 picks a free one. `accept` is called on the executor for each connection.
    virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Accept accept) = 0;
    virtual Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to) = 0;
};

}  // namespace mill::machine
