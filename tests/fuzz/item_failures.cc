// SPDX-License-Identifier: Apache-2.0
// A function's report of item failures and the state of its window: any answer is a verdict within
// the batch.
#include "fuzz.h"
#include "model/function_answer.h"

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill;
    constexpr std::size_t records = 3;
    const auto place_of = [](std::string_view number) -> std::optional<std::size_t> {
        if (number.size() != 1 || number[0] < '0') return std::nullopt;
        const auto place = static_cast<std::size_t>(number[0] - '0');
        return place < records ? std::optional(place) : std::nullopt;
    };
    const auto answer =
        model::read_answer(bytes, {.reports_item_failures = true, .keeps_state = true}, place_of);
    if (const auto* failed = std::get_if<model::FailedFrom>(&answer.outcome))
        MILL_ASSERT(failed->index < records);
    for (const std::size_t failed : answer.failed) MILL_ASSERT(failed < records);
}
