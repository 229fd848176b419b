// SPDX-License-Identifier: Apache-2.0
// The event that a Kinesis mapping hands to its function. A record is rendered once, however often
// it is delivered. https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/tumbling_window.h"
#include "services/ports/record_source.h"
#include "wire/value.h"

namespace mill::lambda {

struct EventContext {
    std::string stream_arn;
    std::string shard_id;
    std::string role_arn;
    std::string region;
};

// One record of an event.
struct RenderedRecord {
    ports::Position position = 0;
    std::string sequence_number;
    WallTime arrival;
    std::string json;
};

constexpr std::size_t event_frame_bytes = 14;  // {"Records":[]}

// Renders the records of one shard: what is the same for all of them is put together once.
class RecordRenderer {
  public:
    explicit RecordRenderer(const EventContext& context);
    RenderedRecord render(ports::SourceRecord record) const;

  private:
    std::string before_id_;  // between the arrival time and the sequence number in the eventID
    std::string after_id_;
};
std::string render_event(std::span<const RenderedRecord> records);

// A tumbling window that has begun.
struct OpenWindow {
    model::TimeWindow bounds;
    std::string state = "{}";  // JSON, as the function returned it last
    std::string shard_id;
    std::string source_arn;
    Instant opened;
};
struct WindowEnd {
    bool is_final = false;
    bool is_early = false;
};
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
std::string render_window_event(std::span<const RenderedRecord> records, const OpenWindow& window,
                                WindowEnd end);
// Where the record with that sequence number is among those of a batch, which are in order.
std::optional<std::size_t> place_of(std::span<const RenderedRecord> records,
                                    std::string_view sequence_number);

}  // namespace mill::lambda
