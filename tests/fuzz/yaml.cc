// SPDX-License-Identifier: Apache-2.0
// YAML: what is read, written and read again is the same, in YAML and in JSON. Anchors cannot make
// a small text mean a large document (libFuzzer's limits of time and memory are the check).
#include <cmath>

#include "fuzz.h"
#include "wire/value.h"

namespace mill::wire {
namespace {

// NaN is unlike itself, and JSON writes it, infinities and bytes as texts.
bool is_plain(const Value& value) {
    if (value.blob()) return false;
    if (const auto* number = value.real()) return std::isfinite(*number);
    if (const auto* items = value.items()) return std::ranges::all_of(*items, is_plain);
    if (const auto* members = value.members()) {
        return std::ranges::all_of(*members, [](const auto& m) { return is_plain(m.second); });
    }
    return true;
}

bool is_utf8(const Value& value) { return parse_json(write_json(value)) == Result<Value>(value); }

}  // namespace
}  // namespace mill::wire

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill::wire;
    const auto value = parse_template(bytes);
    if (!value || !is_plain(*value) || !is_utf8(*value)) return;
    const std::string text = write_yaml(*value);
    const auto again = parse_yaml(text);
    MILL_ASSERT(again && *again == *value);
}
