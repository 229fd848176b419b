// SPDX-License-Identifier: Apache-2.0
// EventReader: the client's side of an answer that is an event stream over HTTP/1.1, message by
// message. Shares no code with the server's; a frame whose checksums or lengths are wrong is the
// error "sim.frame".
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "machine/network.h"
#include "wire/http.h"
#include "wire/value.h"

namespace mill::sim {

struct EventMessage {
    bool is_exception = false;
    std::string type;  // of the event or the exception
    wire::Value payload;
};

class EventReader {
  public:
    explicit EventReader(std::unique_ptr<machine::Connection> connection)
        : connection_(std::move(connection)) {}
    // Sends the request. The whole answer if it is not a stream.
    Task<Result<std::optional<wire::http::Response>>> begin(wire::http::Request request);
    // The next message; nothing once the stream has ended in order. Errors of the network as they
    // come.
    Task<Result<std::optional<EventMessage>>> next();

  private:
    Task<Result<void>> read_more();
    Result<bool> take_chunk();
    Result<std::optional<EventMessage>> take_frame();

    std::unique_ptr<machine::Connection> connection_;
    std::string received_;  // of HTTP
    std::string frames_;    // out of the chunks
    bool has_ended_ = false;
};

}  // namespace mill::sim
