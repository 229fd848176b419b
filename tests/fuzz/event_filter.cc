// SPDX-License-Identifier: Apache-2.0
// Any filter pattern over any data, and any text as the positions of lanes: what is read is written
// back the same, twice the same answer, nothing that is no JSON passes a pattern on data.
#include "model/event_filter.h"

#include "base/assert.h"
#include "fuzz.h"
#include "model/lane_positions.h"

void mill::fuzz::run(std::string_view bytes) {
    mill::fuzz::Input input(bytes);
    const std::vector<std::string> patterns = {std::string(input.until('\0'))};
    const std::string_view data = input.rest();
    if (const auto positions = mill::model::LanePositions::parse(patterns[0])) {
        const auto again = mill::model::LanePositions::parse(positions->text());
        MILL_ASSERT(again && *again == *positions);
    }
    auto filter = mill::model::EventFilter::compile(patterns);
    if (!filter) {
        MILL_ASSERT(filter.error().code == "filter");
        return;
    }
    const mill::model::FilterContext context{"arn", "shardId-000000000000", "us-east-1", "role"};
    const mill::model::FilterRecord record{
        .partition_key = "key", .sequence_number = "1", .arrival = {}, .data = data};
    const bool passes = filter->passes(context, record);
    MILL_ASSERT(passes == filter->passes(context, record));
}
