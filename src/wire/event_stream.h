// SPDX-License-Identifier: Apache-2.0
// Frames of application/vnd.amazon.eventstream. Framing only: what they say and when they come is
// the operation's (events.h), in which notation the protocol's, how they travel the gateway's.
// https://smithy.io/2.0/aws/amazon-eventstream.html
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace mill::wire {

inline constexpr std::string_view event_stream_content_type = "application/vnd.amazon.eventstream";

using EventHeader = std::pair<std::string_view, std::string_view>;  // name, value

// Writes one frame behind what `out` holds: the constructor what comes before the payload, the
// caller the payload, end() the lengths and checksums. A payload is written where it stays.
class EventFrame {
  public:
    EventFrame(std::string& out, std::initializer_list<EventHeader> headers);
    void end();

  private:
    std::string& out_;
    std::size_t begin_;
    std::size_t header_bytes_;
};

}  // namespace mill::wire
