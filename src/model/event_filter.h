// SPDX-License-Identifier: Apache-2.0
// Event filters: which records of a stream, or messages of a queue, a mapping hands to its
// function. Pure: patterns are compiled once for each mapping, and a record's data is only parsed
// if a pattern looks into it.
//
// A pattern is laid over the record as its function sees it, but with the data decoded, and the
// data or the body read as JSON: {"partitionKey": ["1"], "data": {"city": [{"prefix": "S"}]}}.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace mill::model {

constexpr std::size_t filters_max = 5;
constexpr std::size_t filter_pattern_characters_max = 4096;

// What does not differ between the records of one shard.
struct FilterContext {
    std::string event_source_arn;
    std::string shard_id;
    std::string region;
    std::string role_arn;
};

struct FilterRecord {
    std::string_view partition_key;
    std::string_view sequence_number;
    WallTime arrival;
    BytesView data;
};

struct FilterMessage {
    std::string_view around;  // the message without its body, JSON
    std::string_view body;
};

class EventFilter {
  public:
    enum class Source : std::uint8_t { stream, queue };
    // Error "filter" says what is wrong with which pattern; AWS only says that something is.
    static Result<EventFilter> compile(std::span<const std::string> patterns,
                                       Source source = Source::stream);
    EventFilter();
    EventFilter(EventFilter&&) noexcept;
    EventFilter& operator=(EventFilter&&) noexcept;
    ~EventFilter();

    // There are no patterns.
    bool passes_all() const { return !compiled_; }
    // Whether any of the patterns matches, or there are none. A record whose data is no JSON
    // matches no pattern that looks into the data.
    bool passes(const FilterContext& context, const FilterRecord& record);
    // As well. A body that is a JSON object or list matches no pattern for a text, and the other
    // way round.
    bool passes(const FilterMessage& message);

  private:
    struct Compiled;
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace mill::model
