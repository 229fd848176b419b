// SPDX-License-Identifier: Apache-2.0
// A function's report of item failures: any answer is a verdict within the batch.
#include "fuzz.h"
#include "services/lambda/mappings/kinesis_event.h"

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill;
    std::vector<lambda::RenderedRecord> records(3);
    for (std::size_t i = 0; i < records.size(); ++i) records[i].sequence_number = std::to_string(i);
    const auto outcome = lambda::read_item_failures(bytes, records);
    if (const auto* failed = std::get_if<model::FailedFrom>(&outcome))
        MILL_ASSERT(failed->index < records.size());
}
