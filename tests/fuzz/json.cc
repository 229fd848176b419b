// SPDX-License-Identifier: Apache-2.0
// JSON: what is read and written again reads as the same; what is refused says where.
#include "fuzz.h"
#include "wire/json_scan.h"
#include "wire/value.h"

namespace mill::wire {
namespace {

void expect_bounded(const Value& value, int depth) {
    MILL_ASSERT(depth <= 128);
    if (const auto* items = value.items()) {
        for (const Value& item : *items) expect_bounded(item, depth + 1);
    }
    if (const auto* members = value.members()) {
        for (const auto& [name, member] : *members) expect_bounded(member, depth + 1);
    }
}

}  // namespace
}  // namespace mill::wire

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill::wire;
    const std::string_view text = bytes;
    const auto value = parse_json(text);
    if (!value) {
        MILL_ASSERT(value.error().code == "json" && !value.error().message.empty());
        return;
    }
    MILL_ASSERT(json_complaint(text, "") == "");
    expect_bounded(*value, 0);
    const auto again = parse_json(write_json(*value));
    MILL_ASSERT(again && *again == *value);
    const auto pretty = parse_json(write_json_pretty(*value));
    MILL_ASSERT(pretty && *pretty == *value);
}
