// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/pipeline.h"

#include <algorithm>
#include <charconv>

#include "sim/world/workloads/runtime_call.h"

namespace mill::sim {

std::uint64_t number_in(std::string_view text) {
    constexpr std::string_view json = "{\"n\":";
    if (text.starts_with(json)) text.remove_prefix(json.size());
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

History::Delivery delivery_of(const wire::Value& record) {
    History::Delivery seen;
    const wire::Value* kinesis = record.find("kinesis");
    if (!kinesis) return seen;
    const std::string event_id = wire::text_of(record, "eventID");
    seen.shard_id = event_id.substr(0, event_id.find(':'));
    seen.key = wire::text_of(*kinesis, "partitionKey");
    seen.sequence_number = wire::text_of(*kinesis, "sequenceNumber");
    seen.number = number_in(base64_decode(wire::text_of(*kinesis, "data")).value_or(""));
    return seen;
}

namespace {

using machine::ExitStatus;
using wire::Value;

// The consumer, as a program on the Runtime API.
// ---------------------------------------------------------------------------------------------------------------------

std::size_t note_invocation(History& history, const Value& event) {
    History::Invocation invocation{.began = history.tick()};
    const Value* records = event.find("Records");
    if (records && records->items()) {
        for (const Value& record : *records->items())
            invocation.records.push_back(delivery_of(record));
    }
    history.invocations.push_back(std::move(invocation));
    return history.invocations.size() - 1;
}

// What hangs is killed at the function's timeout.
Task<void> forever(const ScriptContext& context) {
    const Duration longer_than_any_timeout = std::chrono::hours(1);
    co_await machine::sleep_until(context.machine.timers,
                                  context.machine.clock.now() + longer_than_any_timeout);
}

Task<ExitStatus> consume(ScriptContext context, World& world, History& history,
                         const PipelineShape& shape) {
    SimMachine& sim = world.machine();
    const auto endpoint = machine::parse_endpoint(context.runtime_api);
    if (!endpoint) co_return ExitStatus{.code = 2};
    wire::http::Client runtime(context.machine.network, *endpoint);
    for (;;) {
        const auto next = co_await runtime.send(runtime_call("GET", "invocation/next", {}));
        if (!next || next->status != 200) co_return ExitStatus{.code = 3};
        const std::string id = next->headers.get("lambda-runtime-aws-request-id");
        const Value event = wire::parse_json(next->body).value_or(Value::map());
        const std::size_t invocation = note_invocation(history, event);
        context.print("batch of " + std::to_string(history.invocations[invocation].records.size()) +
                      "\n");
        if (sim.random(3) == 0) {
            const Duration work = std::chrono::milliseconds(sim.random(200));
            co_await machine::sleep_until(context.machine.timers,
                                          context.machine.clock.now() + work);
        }
        if (world.takes_hang()) co_await forever(context);
        if (!shape.answer && sim.random(40) == 0) co_return ExitStatus{.code = 1};
        const auto answer = shape.answer ? shape.answer(history.invocations[invocation], event)
                                         : PipelineShape::Answer{.is_yes = sim.random(15) != 0};
        if (answer.is_yes) history.invocations[invocation].answered = history.tick();
        const Bytes error = R"({"errorMessage":"out of luck","errorType":"Luck"})";
        const auto answered = co_await runtime.send(
            runtime_call("POST", "invocation/" + id + (answer.is_yes ? "/response" : "/error"),
                         answer.is_yes ? answer.body : error));
        if (!answered) co_return ExitStatus{.code = 4};
    }
}

}  // namespace

// The producers, outside.
// ---------------------------------------------------------------------------------------------------------------------

class Pipeline::Producer {
  public:
    Producer(World& world, History& history, const PipelineShape& shape, int index)
        : world_(world), history_(history), shape_(shape), index_(index) {}

    Task<void> run() {
        for (int puts = 0; puts < shape_.puts_per_producer;) {
            const bool known = random(4) == 0 ? co_await put_some() : co_await put_one();
            if (known) ++puts;
            co_await sleep(std::chrono::milliseconds(random(known ? 100 : 500)));
        }
        done_ = true;
    }
    bool is_done() const { return done_; }

  private:
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    Task<void> sleep(Duration time) {
        Machine& m = world_.machine().outside();
        return machine::sleep_until(m.timers, m.clock.now() + time);
    }
    // Keys belong to one producer, which puts one request after the other.
    std::size_t begin() {
        const std::string key = "p" + std::to_string(index_) + "-" + std::to_string(random(3));
        history_.puts.push_back({.key = key, .number = ++number_, .began = history_.tick()});
        return history_.puts.size() - 1;
    }
    Bytes data(std::size_t put) {
        if (shape_.has_json) return "{\"n\":" + std::to_string(history_.puts[put].number) + "}";
        return std::to_string(history_.puts[put].number) + " " +
               Bytes(random(random(20) == 0 ? 100'000 : 100), '.');
    }
    void acknowledge(std::size_t put, const PutAnswer& answer) {
        History::Put& noted = history_.puts[put];
        noted.acknowledged = history_.tick();
        noted.shard_id = answer.shard_id;
        noted.sequence_number = answer.sequence_number;
    }
    Task<bool> put_one() {
        const std::size_t put = begin();
        const auto answer =
            co_await world_.client().put(stream_name, history_.puts[put].key, data(put));
        if (answer) acknowledge(put, *answer);
        co_return answer.has_value();
    }
    Task<bool> put_some() {
        std::vector<std::size_t> puts;
        std::vector<KeyedRecord> records;
        for (std::uint64_t left = 1 + random(5); left > 0; --left) {
            puts.push_back(begin());
            records.push_back(
                {.partition_key = history_.puts[puts.back()].key, .data = data(puts.back())});
        }
        const auto answer = co_await world_.client().put_all(stream_name, std::move(records));
        if (!answer) co_return false;
        for (std::size_t n = 0; n < puts.size() && n < answer->size(); ++n) {
            if ((*answer)[n]) acknowledge(puts[n], *(*answer)[n]);
        }
        co_return true;
    }

    World& world_;
    History& history_;
    const PipelineShape& shape_;
    int index_;
    std::uint64_t number_ = 0;
    bool done_ = false;
};

Pipeline::Pipeline(World& world) : Pipeline(world, {}) {}

Pipeline::Pipeline(World& world, PipelineShape shape) : world_(world), shape_(std::move(shape)) {
    world_.machine().register_script(function_name, [this](ScriptContext context) {
        return consume(std::move(context), world_, history_, shape_);
    });
}

Pipeline::~Pipeline() = default;

Task<Result<void>> Pipeline::set_up() {
    SimMachine& sim = world_.machine();
    Client& client = world_.client();
    const auto shards = static_cast<std::int64_t>(1 + sim.random(3));
    MILL_CO_CHECK(co_await client.create_stream(stream_name, shards));
    MILL_CO_CHECK(co_await client.create_function(function_name, 5));
    MappingSettings settings = shape_.mapping;
    settings.batch_size = std::int64_t{1} << sim.random(7);
    settings.window_seconds = sim.random(4) == 0 ? 1 : 0;
    if (shape_.as_consumer) {
        MILL_CO_TRY(settings.source_arn, co_await client.register_consumer(stream_name, "c"));
    }
    MILL_CO_TRY(mapping_, co_await client.create_mapping(function_name, stream_name, settings));
    co_return Result<void>{};
}

void Pipeline::start() {
    for (std::uint64_t count = 1 + world_.machine().random(3); count > 0; --count) {
        producers_.push_back(
            std::make_unique<Producer>(world_, history_, shape_, static_cast<int>(count)));
        scope_.spawn(producers_.back()->run());
    }
}

bool Pipeline::producers_done() const {
    return std::ranges::all_of(producers_,
                               [](const auto& producer) { return producer->is_done(); });
}

Task<Result<Accounts>> Pipeline::settle_accounts() {
    return settle_accounts([this] { return Accounts{.delivered = delivered_in(history_)}; });
}

Task<Result<Accounts>> Pipeline::settle_accounts(std::function<Accounts()> fates) {
    MILL_CO_TRY(const auto stored, co_await world_.client().records(stream_name));
    Machine& m = world_.machine().outside();
    Accounts accounts;
    for (int looks = 0; looks < 600; ++looks) {
        accounts = fates();
        accounts.put = put_in(stored);
        if (unaccounted(accounts).empty()) break;
        co_await machine::sleep_until(m.timers, m.clock.now() + std::chrono::seconds(1));
    }
    co_return accounts;
}

Task<std::string> Pipeline::mapping_status() {
    const auto status = co_await world_.client().mapping_status(mapping_);
    co_return status.value_or("no answer");
}

}  // namespace mill::sim
