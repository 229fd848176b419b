// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/kinesis_event.h"

#include <fmt/compile.h>

#include <algorithm>
#include <iterator>

#include "base/base64.h"
#include "wire/value.h"

namespace mill::lambda {
namespace {

// Seconds with up to three decimals, as AWS prints them: 1545084650.987, 1545084651.
void append_seconds(WallTime time, std::string& out) {
    const std::int64_t ms = epoch_ms(time);
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}.{:03}"), ms / 1000, ms % 1000);
    while (out.ends_with('0')) out.pop_back();
    if (out.ends_with('.')) out += '0';
}

}  // namespace

RecordRenderer::RecordRenderer(const EventContext& context)
    : before_id_(R"(},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":")" +
                 context.shard_id + ":"),
      after_id_(R"(","eventName":"aws:kinesis:record","invokeIdentityArn":)") {
    wire::append_json_string(context.role_arn, after_id_);
    after_id_ += R"(,"awsRegion":")" + context.region + R"(","eventSourceARN":)";
    wire::append_json_string(context.stream_arn, after_id_);
    after_id_ += '}';
}

RenderedRecord RecordRenderer::render(ports::SourceRecord record) const {
    constexpr std::size_t names_and_time_bytes = 160;
    std::string json;
    json.reserve(names_and_time_bytes + record.partition_key.size() +
                 2 * record.sequence_number.size() + record.data.size() / 3 * 4 +
                 before_id_.size() + after_id_.size());
    json += R"({"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":)";
    wire::append_json_string(record.partition_key, json);
    json += R"(,"sequenceNumber":")";
    json += record.sequence_number;
    json += R"(","data":")";
    base64_append(record.data, json);
    json += R"(","approximateArrivalTimestamp":)";
    append_seconds(record.arrival, json);
    json += before_id_;
    json += record.sequence_number;
    json += after_id_;
    return {record.position, std::move(record.sequence_number), record.arrival, std::move(json)};
}

std::string render_event(std::span<const RenderedRecord> records) {
    std::size_t bytes = event_frame_bytes;
    for (const RenderedRecord& record : records) bytes += record.json.size() + 1;
    std::string event;
    event.reserve(bytes);
    event = R"({"Records":[)";
    for (const RenderedRecord& record : records) {
        if (&record != records.data()) event += ',';
        event += record.json;
    }
    event += "]}";
    return event;
}

std::string render_window_event(std::span<const RenderedRecord> records, const OpenWindow& window,
                                WindowEnd end) {
    std::string event = render_event(records);
    event.pop_back();
    event += R"(,"window":{"start":")" + iso8601_s(window.bounds.start) + R"(","end":")" +
             iso8601_s(window.bounds.end) + R"("},"state":)" + window.state + R"(,"shardId":")" +
             window.shard_id + R"(","eventSourceARN":)";
    wire::append_json_string(window.source_arn, event);
    event += R"(,"isFinalInvokeForWindow":)";
    event += end.is_final ? "true" : "false";
    event += R"(,"isWindowTerminatedEarly":)";
    event += end.is_early ? "true}" : "false}";
    return event;
}

std::optional<std::size_t> place_of(std::span<const RenderedRecord> records,
                                    std::string_view sequence_number) {
    const auto found = std::ranges::lower_bound(
        records, sequence_number,
        [](std::string_view a, std::string_view b) {  // decimal numbers, as text
            return a.size() != b.size() ? a.size() < b.size() : a < b;
        },
        &RenderedRecord::sequence_number);
    if (found == records.end() || found->sequence_number != sequence_number) return std::nullopt;
    return static_cast<std::size_t>(found - records.begin());
}

}  // namespace mill::lambda
