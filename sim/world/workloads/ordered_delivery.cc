// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/ordered_delivery.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>

#include "sim/world/workloads/ordered_delivery_checker.h"
#include "sim/world/world.h"
#include "wire/http_client.h"

namespace mill::sim {
namespace {

using machine::ExitStatus;
using wire::Value;
using wire::http::Request;
using wire::http::Response;

constexpr const char* stream = "orders";
constexpr const char* function = "ordered-consumer";
constexpr int puts_per_producer = 25;
constexpr int nemeses_max = 5;
constexpr Duration settle_max = std::chrono::minutes(30);

std::uint64_t number_in(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// The consumer, as a program on the Runtime API.
// ---------------------------------------------------------------------------------------------------------------------

// A record of the event; its data is "<number> <filling>".
History::Delivery delivery(const Value& record) {
    History::Delivery seen;
    const Value* kinesis = record.find("kinesis");
    if (!kinesis) return seen;
    const std::string event_id = wire::text_of(record, "eventID");
    seen.shard_id = event_id.substr(0, event_id.find(':'));
    seen.key = wire::text_of(*kinesis, "partitionKey");
    seen.sequence_number = wire::text_of(*kinesis, "sequenceNumber");
    seen.number = number_in(base64_decode(wire::text_of(*kinesis, "data")).value_or(""));
    return seen;
}

std::size_t note_invocation(History& history, const Bytes& body) {
    History::Invocation invocation{.began = history.tick()};
    const Value event = wire::parse_json(body).value_or(Value::map());
    const Value* records = event.find("Records");
    if (records && records->items()) {
        for (const Value& record : *records->items())
            invocation.records.push_back(delivery(record));
    }
    history.invocations.push_back(std::move(invocation));
    return history.invocations.size() - 1;
}

Request runtime_call(std::string method, std::string path, Bytes body) {
    Request request{.method = std::move(method),
                    .target = "/2018-06-01/runtime/" + path,
                    .body = std::move(body)};
    request.headers.set("content-type", "application/json");
    return request;
}

Task<ExitStatus> consume(ScriptContext context, SimMachine& sim, History& history) {
    const auto endpoint = machine::parse_endpoint(context.runtime_api);
    if (!endpoint) co_return ExitStatus{.code = 2};
    wire::http::Client runtime(context.machine.network, *endpoint);
    for (;;) {
        const auto next = co_await runtime.send(runtime_call("GET", "invocation/next", {}));
        if (!next || next->status != 200) co_return ExitStatus{.code = 3};
        const std::string id = next->headers.get("lambda-runtime-aws-request-id");
        const std::size_t invocation = note_invocation(history, next->body);
        context.print("batch of " + std::to_string(history.invocations[invocation].records.size()) +
                      "\n");
        if (sim.random(3) == 0) {
            const Duration work = std::chrono::milliseconds(sim.random(200));
            co_await machine::sleep_until(context.machine.timers,
                                          context.machine.clock.now() + work);
        }
        if (sim.random(40) == 0) co_return ExitStatus{.code = 1};
        const bool fails = sim.random(15) == 0;
        if (!fails) history.invocations[invocation].answered = history.tick();
        const Bytes error = R"({"errorMessage":"out of luck","errorType":"Luck"})";
        const auto answered = co_await runtime.send(
            runtime_call("POST", "invocation/" + id + (fails ? "/error" : "/response"),
                         fails ? error : Bytes("{}")));
        if (!answered) co_return ExitStatus{.code = 4};
    }
}

// The producers, outside.
// ---------------------------------------------------------------------------------------------------------------------

class Producer {
  public:
    Producer(World& world, History& history, int index)
        : world_(world), history_(history), index_(index) {}

    Task<void> run() {
        for (int puts = 0; puts < puts_per_producer;) {
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
        const auto answer = co_await world_.client().put(stream, history_.puts[put].key, data(put));
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
        const auto answer = co_await world_.client().put_all(stream, std::move(records));
        if (!answer) co_return false;
        for (std::size_t n = 0; n < puts.size() && n < answer->size(); ++n) {
            if ((*answer)[n]) acknowledge(puts[n], *(*answer)[n]);
        }
        co_return true;
    }

    World& world_;
    History& history_;
    int index_;
    std::uint64_t number_ = 0;
    bool done_ = false;
};

// The run.
// ---------------------------------------------------------------------------------------------------------------------

class Run {
  public:
    explicit Run(Seed seed, Log log) : world_(seed, std::move(log)) {
        sim().register_script(function, [this](ScriptContext context) {
            return consume(std::move(context), world_.machine(), verdict_.history);
        });
    }

    Verdict result() {
        run();
        for (std::string& violation : ordered_delivery_violations(verdict_.history)) {
            verdict_.violations.push_back(std::move(violation));
        }
        verdict_.trace_hash = sim().trace_hash();
        return std::move(verdict_);
    }

  private:
    SimMachine& sim() { return world_.machine(); }

    void run() {
        if (!start() || !noted("setting up", sim().await(set_up()))) return;
        for (std::uint64_t count = 1 + sim().random(3); count > 0; --count) {
            producers_.push_back(
                std::make_unique<Producer>(world_, verdict_.history, static_cast<int>(count)));
            scope_.spawn(producers_.back()->run());
        }
        for (std::uint64_t left = sim().random(nemeses_max + 1); left > 0; --left) {
            sim().run_for(std::chrono::milliseconds(sim().random(1500)));
            if (!strike()) return;
        }
        settle();
    }

    bool noted(const std::string& what, const Result<void>& result) {
        if (result) return true;
        verdict_.violations.push_back(what + ": " + result.error().code + ": " +
                                      result.error().message);
        return false;
    }
    bool start() { return noted("starting", world_.start()); }

    Task<Result<void>> set_up() {
        Client& client = world_.client();
        MILL_CO_CHECK(
            co_await client.create_stream(stream, static_cast<std::int64_t>(1 + sim().random(3))));
        MILL_CO_CHECK(co_await client.create_function(function, 5));
        MappingSettings settings;
        settings.batch_size = std::int64_t{1} << sim().random(7);
        settings.window_seconds = sim().random(4) == 0 ? 1 : 0;
        MILL_CO_TRY(mapping_, co_await client.create_mapping(function, stream, settings));
        co_return Result<void>{};
    }

    // One misfortune. False if the server does not come back.
    bool strike() {
        switch (sim().random(6)) {
            case 0:
            case 1:
                ++verdict_.power_losses;
                world_.power_loss();
                break;
            case 2:
                ++verdict_.crashes;
                world_.crash();
                break;
            case 3:
                ++verdict_.runtime_crashes;
                sim().crash_processes();
                return true;
            case 4:
                sim().set_offload_delay_max(std::chrono::milliseconds(1 + sim().random(300)));
                return true;
            default:
                sim().step_wall_clock(std::chrono::seconds(sim().random(600)) -
                                      std::chrono::seconds(300));
                return true;
        }
        sim().run_for(std::chrono::milliseconds(sim().random(1000)));
        return start();
    }

    bool producers_done() const {
        return std::ranges::all_of(producers_,
                                   [](const auto& producer) { return producer->is_done(); });
    }

    void settle() {
        const Instant deadline = sim().outside().clock.now() + settle_max;
        while (sim().outside().clock.now() < deadline) {
            sim().run_for(std::chrono::seconds(1));
            if (producers_done() && unprocessed_records(verdict_.history) == 0) break;
        }
        if (unprocessed_records(verdict_.history) != 0) {
            const auto status = sim().await(world_.client().mapping_status(mapping_));
            verdict_.violations.push_back("delivery has stopped; mapping: " +
                                          status.value_or("no answer"));
        }
        if (!producers_done()) verdict_.violations.push_back("the producers' puts keep failing");
        noted("reading back", sim().await(read_back()));
    }

    // The stream still holds every acknowledged record, under its number.
    Task<Result<void>> read_back() {
        MILL_CO_TRY(const auto records, co_await world_.client().records(stream));
        std::map<std::string, const StoredRecord*> stored;
        for (const StoredRecord& record : records)
            stored[record.shard_id + ":" + record.sequence_number] = &record;
        for (const History::Put& put : verdict_.history.puts) {
            if (put.acknowledged == 0) continue;
            const auto found = stored.find(put.shard_id + ":" + put.sequence_number);
            const bool same = found != stored.end() && found->second->partition_key == put.key &&
                              number_in(found->second->data) == put.number;
            if (!same)
                co_return fail("sim.lost", put.key + "/" + std::to_string(put.number) +
                                               " is not in the stream");
        }
        co_return Result<void>{};
    }

    Verdict verdict_;
    World world_;
    std::string mapping_;
    std::vector<std::unique_ptr<Producer>> producers_;
    Scope scope_;
};

}  // namespace

Verdict run_ordered_delivery(Seed seed, Log log) { return Run(seed, std::move(log)).result(); }

}  // namespace mill::sim
