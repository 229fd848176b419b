// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/tumbling_windows.h"

#include <algorithm>

namespace mill::sim {
namespace {

using wire::Value;

// Of the filter: {"n": 1} passes, {"n": 3} does not.
std::string filter_of_numbers() {
    std::string passing;
    for (int number = 0; number < 1000; ++number) {
        if (number % 3 != 0) passing += (passing.empty() ? "" : ",") + std::to_string(number);
    }
    return R"({"data":{"n":[)" + passing + "]}}";
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

TumblingWindows::TumblingWindows(World& world, bool has_filter)
    : world_(world), has_filter_(has_filter), pipeline_(world, shape()) {}

PipelineShape TumblingWindows::shape() {
    PipelineShape shape;
    shape.mapping.more["TumblingWindowInSeconds"] =
        static_cast<std::int64_t>(1 + world_.machine().random(5));
    shape.answer = [this](const History::Invocation& invocation, const Value& event) {
        return answer(invocation, event);
    };
    if (!has_filter_) return shape;
    shape.has_json = true;
    shape.as_consumer = world_.machine().random(2) == 0;
    shape.mapping.more["FilterCriteria"]["Filters"].push_back(
        Value::Map{{"Pattern", filter_of_numbers()}});
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
        const std::string added = name({record.key, record.number});
        if (is_dropped(record.number)) violations_.push_back(added + ": filtered out, but seen");
        if (!names.insert(added).second) violations_.push_back(added + ": twice in one window");
        state["names"].push_back(added);
    }
    if (flag(event, "isFinalInvokeForWindow")) {
        if (!invocation.records.empty()) violations_.push_back("a last invocation with records");
        for (const std::string& one : names) {
            const auto slash = one.find('/');
            closed_.emplace(one.substr(0, slash), number_in(one.substr(slash + 1)));
        }
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
            return put.acknowledged != 0 && !is_dropped(put.number) &&
                   !closed_.contains({put.key, put.number});
        }));
}

bool TumblingWindows::is_done() { return pipeline_.producers_done() && missing() == 0; }

Task<Result<void>> TumblingWindows::finish() {
    if (is_done()) {
        MILL_CO_TRY(const auto stored, co_await world_.client().records(Pipeline::stream_name));
        Accounts dropped;
        for (const RecordId& id : put_in(stored)) {
            if (is_dropped(id.second)) dropped.filtered.insert(id);
        }
        MILL_CO_TRY(const Accounts accounts, co_await pipeline_.settle_accounts([&] {
            dropped.delivered = closed_;
            return dropped;
        }));
        violations_ = with_accounts(std::move(violations_), accounts);
        co_return Result<void>{};
    }
    co_return fail("sim.stuck", std::to_string(missing()) +
                                    " records are in no window that ended: " +
                                    co_await pipeline_.mapping_status());
}

std::vector<std::string> TumblingWindows::violations() {
    violations_.resize(std::min<std::size_t>(violations_.size(), 10));
    return violations_;
}

}  // namespace mill::sim
