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

struct MessageView {
    const simdjson::dom::element& around;
    std::string_view body;
};

std::optional<Scalar> text_member(const void* of, std::string_view name) {
    const MessageView& view = *static_cast<const MessageView*>(of);
    if (name == "body") return view.body;
    std::string_view text;
    if (view.around.at_key(name).get_string().get(text)) return std::nullopt;
    return text;
}

}  // namespace

struct EventFilter::Compiled {
    struct Pattern {
        EventPattern pattern;
        bool looks_into_document;
        bool compares_document;
    };
    std::string_view document_name;  // whose contents are read as JSON
    std::vector<Pattern> patterns;
    bool reads_document = false;
    simdjson::dom::parser parser, around_parser;  // their memory is used again

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

Result<EventFilter> EventFilter::compile(std::span<const std::string> patterns, Source source) {
    EventFilter filter;
    if (patterns.empty()) return filter;
    const bool of_queue = source == Source::queue;
    filter.compiled_ = std::make_unique<Compiled>();
    filter.compiled_->document_name = of_queue ? "body" : "data";
    for (const std::string& text : patterns) {
        simdjson::dom::parser parser;
        simdjson::dom::element root;
        if (parser.allocate(std::max<std::size_t>(text.size(), 64), depth_max) ||
            parser.parse(text.data(), text.size()).get(root))
            return fail("filter", "a pattern is a JSON object");
        MILL_TRY(EventPattern pattern, EventPattern::compile(root));
        const std::string_view document = filter.compiled_->document_name;
        const bool looks_into = pattern.looks_into(document);
        const bool compares = pattern.compares(document);
        if (compares && !of_queue)
            return fail("filter", "the data of a Kinesis record is an object");
        filter.compiled_->reads_document |= looks_into || compares;
        filter.compiled_->patterns.push_back({std::move(pattern), looks_into, compares});
    }
    return filter;
}

bool EventFilter::passes(const FilterContext& context, const FilterRecord& record) {
    if (!compiled_) return true;
    simdjson::dom::element data;
    const bool has_data = compiled_->reads_document && compiled_->parse(record.data, data);
    const View view{context, record, {}};
    return std::ranges::any_of(compiled_->patterns, [&](const Compiled::Pattern& one) {
        if (one.looks_into_document && !has_data) return false;
        return one.pattern.matches(
            {member, &view, compiled_->document_name, has_data ? &data : nullptr});
    });
}

bool EventFilter::passes(const FilterMessage& message) {
    if (!compiled_) return true;
    simdjson::dom::element around, body;
    if (compiled_->around_parser.parse(message.around.data(), message.around.size()).get(around))
        return false;
    const bool has_document = compiled_->reads_document && compiled_->parse(message.body, body) &&
                              (body.is_object() || body.is_array());
    const MessageView view{around, message.body};
    return std::ranges::any_of(compiled_->patterns, [&](const Compiled::Pattern& one) {
        if (has_document ? one.compares_document : one.looks_into_document) return false;
        return one.pattern.matches({text_member, &view, compiled_->document_name,
                                    has_document ? &body : nullptr, &around});
    });
}

}  // namespace mill::model
