// SPDX-License-Identifier: Apache-2.0
// EventBody: an operation's events as frames of an event stream, as the RPC protocols send them:
// first "initial-response" with the output itself, at once, then each event under its name.
#pragma once

#include "wire/events.h"
#include "wire/operation.h"
#include "wire/protocol.h"

namespace mill::wire {

class EventBody final : public http::BodySource {
  public:
    // `output` has events. Payloads are JSON.
    EventBody(Protocol protocol, std::string content_type, Output output);
    Task<bool> next(std::string& out) override;

  private:
    void append(std::string_view type, const Structure& structure, const void* object,
                std::string& out) const;
    void append_event(const Event& event, std::string& out) const;
    void append_error(const Error& error, std::string& out) const;

    Protocol protocol_;
    std::string content_type_;
    Output output_;
    bool is_begun_ = false;
    bool is_ended_ = false;
};

}  // namespace mill::wire
