// SPDX-License-Identifier: Apache-2.0
// Frames of application/vnd.amazon.eventstream: what operations answer that go on speaking, as
// SubscribeToShard does. Framing only: what the frames say and when they come is the operation's,
// how they travel (chunks of HTTP/1.1) the gateway's.
// https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html (event stream
// encoding)
#pragma once

#include <string>
#include <string_view>

#include "machine/task.h"

namespace mill::wire {

inline constexpr std::string_view event_stream_content_type = "application/vnd.amazon.eventstream";

// ":message-type" event. `type`: "initial-response" or the name of the union's member.
std::string event_frame(std::string_view type, std::string_view content_type,
                        std::string_view payload);
// ":message-type" exception: a modelled error, the last frame of its stream.
std::string exception_frame(std::string_view type, std::string_view content_type,
                            std::string_view payload);

// What an operation answers after its first answer. Executor thread only; pulled by the gateway
// once the client has taken what came before, so that a slow client holds one frame, not many.
class EventSource {
  public:
    virtual ~EventSource() = default;
    // The next frames; empty at the end of the stream. Waits as long as it takes. Dropped in the
    // middle when the client is gone.
    virtual Task<std::string> next() = 0;
};

}  // namespace mill::wire
