// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/kinesis_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "wire/value.h"

namespace mill::lambda {
namespace {

// Seconds with up to three decimals, as AWS prints them: 1545084650.987, 1545084651.
std::string seconds_text(WallTime time) {
    const std::int64_t ms = epoch_ms(time);
    std::string text = fmt::format("{}.{:03}", ms / 1000, ms % 1000);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text += '0';
    return text;
}

}  // namespace

RenderedRecord render(const EventContext& context, ports::SourceRecord record) {
    std::string json = R"({"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":)";
    wire::append_json_string(record.partition_key, json);
    json += R"(,"sequenceNumber":")" + record.sequence_number + R"(","data":")";
    base64_append(record.data, json);
    json += R"(","approximateArrivalTimestamp":)" + seconds_text(record.arrival);
    json += R"(},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":")" + context.shard_id +
            ":" + record.sequence_number;
    json += R"(","eventName":"aws:kinesis:record","invokeIdentityArn":)";
    wire::append_json_string(context.role_arn, json);
    json += R"(,"awsRegion":")" + context.region + R"(","eventSourceARN":)";
    wire::append_json_string(context.stream_arn, json);
    json += '}';
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

model::BatchOutcome read_item_failures(std::string_view payload,
                                       std::span<const RenderedRecord> records) {
    if (payload.empty()) return model::Succeeded{};
    auto answer = wire::parse_json(payload);
    if (!answer) return model::FailedFrom{0};
    const wire::Value* failures = answer->find("batchItemFailures");
    if (!failures || failures->is_null()) return model::Succeeded{};
    const wire::Value::List* items = failures->items();
    if (!items) return model::FailedFrom{0};
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < records.size(); ++i) places[records[i].sequence_number] = i;
    std::size_t lowest = records.size();
    for (const wire::Value& item : *items) {
        const wire::Value* identifier = item.find("itemIdentifier");
        const std::string* sequence = identifier ? identifier->string() : nullptr;
        if (!sequence) return model::FailedFrom{0};
        const auto found = places.find(*sequence);
        if (found == places.end()) return model::FailedFrom{0};
        lowest = std::min(lowest, found->second);
    }
    if (lowest == records.size()) return model::Succeeded{};
    return model::FailedFrom{lowest};
}

}  // namespace mill::lambda
