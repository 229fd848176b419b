// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/tumbling_windows.h"

#include <algorithm>

namespace mill::sim {
namespace {

using wire::Value;

std::string name(const std::string& key, std::uint64_t number) {
    return key + "/" + std::to_string(number);
}

bool flag(const Value& event, std::string_view name) {
    const Value* value = event.find(name);
    return value && value->boolean() && *value->boolean();
}

double seconds_of(const Value& record) {
    const Value* kinesis = record.find("kinesis");
    const Value* time = kinesis ? kinesis->find("approximateArrivalTimestamp") : nullptr;
    if (time && time->integer()) return static_cast<double>(*time->integer());
    return time && time->real() ? *time->real() : 0;
}

}  // namespace

TumblingWindows::TumblingWindows(World& world) : world_(world), pipeline_(world, shape()) {}

PipelineShape TumblingWindows::shape() {
    PipelineShape shape;
    shape.mapping.more["TumblingWindowInSeconds"] =
        static_cast<std::int64_t>(1 + world_.machine().random(5));
    shape.answer = [this](const History::Invocation& invocation, const Value& event) {
        return answer(invocation, event);
    };
    return shape;
}

PipelineShape::Answer TumblingWindows::answer(const History::Invocation& invocation,
                                              const Value& event) {
    if (world_.machine().random(15) == 0) return {.is_yes = false};
    const Value* before = event.find("state");
    Value state = before ? *before : Value::map();
    if (state.members() && state.members()->empty()) state["names"] = Value::list();
    look_at_arrivals(event);
    std::set<std::string> names;
    for (const Value& known : *state["names"].items()) names.insert(*known.string());
    for (const History::Delivery& record : invocation.records) {
        const std::string added = name(record.key, record.number);
        if (!names.insert(added).second) violations_.push_back(added + ": twice in one window");
        state["names"].push_back(added);
    }
    if (flag(event, "isFinalInvokeForWindow")) {
        if (!invocation.records.empty()) violations_.push_back("a last invocation with records");
        closed_.insert(names.begin(), names.end());
    }
    return {.body = wire::write_json(Value(Value::Map{{"state", state}}))};
}

void TumblingWindows::look_at_arrivals(const Value& event) {
    const Value* window = event.find("window");
    const auto start = window ? parse_iso8601(wire::text_of(*window, "start")) : std::nullopt;
    const auto end = window ? parse_iso8601(wire::text_of(*window, "end")) : std::nullopt;
    if (!start || !end) {
        violations_.push_back("an event without its window");
        return;
    }
    for (const Value& record : *event.find("Records")->items()) {
        const double at = seconds_of(record) * 1000;
        if (at < static_cast<double>(epoch_ms(*start)) || at >= static_cast<double>(epoch_ms(*end)))
            violations_.push_back("a record of another window in that from " + iso8601_ms(*start));
    }
}

std::size_t TumblingWindows::missing() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(pipeline_.history().puts, [&](const History::Put& put) {
            return put.acknowledged != 0 && !closed_.contains(name(put.key, put.number));
        }));
}

bool TumblingWindows::is_done() { return pipeline_.producers_done() && missing() == 0; }

Task<Result<void>> TumblingWindows::finish() {
    if (is_done()) co_return Result<void>{};
    co_return fail("sim.stuck", std::to_string(missing()) +
                                    " records are in no window that ended: " +
                                    co_await pipeline_.mapping_status());
}

std::vector<std::string> TumblingWindows::violations() {
    violations_.resize(std::min<std::size_t>(violations_.size(), 10));
    return violations_;
}

}  // namespace mill::sim
