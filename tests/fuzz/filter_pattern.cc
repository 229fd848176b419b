// SPDX-License-Identifier: Apache-2.0
// Filter patterns of CloudWatch Logs over any message; the message that a pattern of plain words
// was made from matches it.
#include "services/logs/filter_pattern.h"
#include "fuzz.h"

void mill::fuzz::run(std::string_view bytes) {
    using mill::logs::FilterPattern;
    mill::fuzz::Input input(bytes);
    const std::string_view text = input.until('\0');
    const std::string_view message = input.rest();
    const auto pattern = FilterPattern::parse(text);
    if (!pattern) {
        MILL_ASSERT(pattern.error().code == "InvalidParameterException");
        return;
    }
    const bool matches = pattern->matches(message);
    MILL_ASSERT(matches == FilterPattern::parse(text)->matches(message));
    if (text.find_first_of("-?\"\\{[%") == std::string_view::npos)
        MILL_ASSERT(pattern->matches(text));
}
