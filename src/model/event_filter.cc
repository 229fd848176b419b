// SPDX-License-Identifier: Apache-2.0
#include "model/event_filter.h"

#include <algorithm>
#include <vector>

#include "base/big_integers.h"
#include "model/event_pattern.h"

namespace mill::model {
namespace {

constexpr std::size_t depth_max = 128;

struct View {
    const FilterContext& context;
    const FilterRecord& record;
    mutable std::string event_id;
};

// Of the record in an event, those around its data.
std::optional<Scalar> member(const void* of, std::string_view name) {
    const View& view = *static_cast<const View*>(of);
    if (name == "partitionKey") return view.record.partition_key;
    if (name == "sequenceNumber") return view.record.sequence_number;
    if (name == "approximateArrivalTimestamp")
        return static_cast<double>(epoch_ms(view.record.arrival)) / 1000;
    if (name == "kinesisSchemaVersion" || name == "eventVersion") return std::string_view("1.0");
    if (name == "eventSource") return std::string_view("aws:kinesis");
    if (name == "eventName") return std::string_view("aws:kinesis:record");
    if (name == "invokeIdentityArn") return std::string_view(view.context.role_arn);
    if (name == "awsRegion") return std::string_view(view.context.region);
    if (name == "eventSourceARN") return std::string_view(view.context.event_source_arn);
    if (name == "eventID") {
        view.event_id = view.context.shard_id + ":" + std::string(view.record.sequence_number);
        return std::string_view(view.event_id);
    }
    return std::nullopt;
}

}  // namespace

struct EventFilter::Compiled {
    struct Pattern {
        EventPattern pattern;
        bool looks_into_data;
    };
    std::vector<Pattern> patterns;
    bool reads_data = false;
    simdjson::dom::parser parser;  // of data, its memory used again

    bool parse(BytesView text, simdjson::dom::element& into) {
        auto error = parser.parse(text.data(), text.size()).get(into);
        if (error == simdjson::NUMBER_ERROR)
            error = parser.parse(mark_big_integers(text)).get(into);
        return error == simdjson::SUCCESS;
    }
};

EventFilter::EventFilter() = default;
EventFilter::EventFilter(EventFilter&&) noexcept = default;
EventFilter& EventFilter::operator=(EventFilter&&) noexcept = default;
EventFilter::~EventFilter() = default;

Result<EventFilter> EventFilter::compile(std::span<const std::string> patterns) {
    EventFilter filter;
    if (patterns.empty()) return filter;
    filter.compiled_ = std::make_unique<Compiled>();
    for (const std::string& text : patterns) {
        simdjson::dom::parser parser;
        simdjson::dom::element root;
        if (parser.allocate(std::max<std::size_t>(text.size(), 64), depth_max) ||
            parser.parse(text.data(), text.size()).get(root))
            return fail("filter", "a pattern is a JSON object");
        MILL_TRY(EventPattern pattern, EventPattern::compile(root));
        const bool looks_into_data = pattern.looks_into_data();
        filter.compiled_->reads_data |= looks_into_data;
        filter.compiled_->patterns.push_back({std::move(pattern), looks_into_data});
    }
    return filter;
}

bool EventFilter::passes(const FilterContext& context, const FilterRecord& record) {
    if (!compiled_) return true;
    simdjson::dom::element data;
    const bool has_data = compiled_->reads_data && compiled_->parse(record.data, data);
    const View view{context, record, {}};
    return std::ranges::any_of(compiled_->patterns, [&](const Compiled::Pattern& one) {
        if (one.looks_into_data && !has_data) return false;
        return one.pattern.matches({member, &view, has_data ? &data : nullptr});
    });
}

}  // namespace mill::model
