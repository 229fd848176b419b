// SPDX-License-Identifier: Apache-2.0
// For tests of mappings: a stream of one shard in memory, a function that does as told, failure
// destinations that remember, on the simulated machine.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

#include "engines/memory/memory.h"
#include "services/lambda/mappings/discards.h"
#include "services/lambda/mappings/kinesis_event.h"
#include "services/lambda/mappings/mappings.h"
#include "sim/machine/sim_machine.h"
#include "wire/value.h"

namespace mill::lambda {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline const std::string stream_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
inline const std::string shard = "shardId-000000000000";

// In memory: one shard, unless more are added.
class FakeSource final : public ports::RecordSource {
  public:
    explicit FakeSource(Machine& machine) : machine_(machine), changed_(machine.executor) {}
    void put(const std::string& data, const std::string& key = "key",
             const std::string& into = shard) {
        auto& records = shards_.at(into);
        records.push_back({.position = records.size(),
                           .sequence_number = std::to_string(1000 + records.size()),
                           .partition_key = data_.emplace_back(key),
                           .data = data_.emplace_back(data),
                           .arrival = machine_.clock.wall()});
        changed_.notify_all();
    }
    void add_shard(const std::string& id) { shards_[id]; }
    void remove_stream() {
        exists_ = false;
        changed_.notify_all();
    }
    void make_stream_again() {
        exists_ = true;
        ++incarnation_;
        for (auto& [id, records] : shards_) records.clear();
        changed_.notify_all();
    }
    void trim(ports::Position before) { horizon_ = before; }
    std::uint64_t reads() const { return reads_; }

    Result<void> check_source(const std::string&) override {
        if (!exists_) return gone();
        return {};
    }
    Result<std::string> incarnation(const std::string&) override {
        if (!exists_) return gone();
        return std::to_string(incarnation_);
    }
    Result<std::vector<ports::SourceShard>> shards(const std::string&) override {
        if (!exists_) return gone();
        std::vector<ports::SourceShard> all;
        for (const auto& [id, records] : shards_) all.push_back({.shard_id = id});
        return all;
    }
    Result<ports::Position> trim_horizon(const std::string&, const std::string&) override {
        if (!exists_) return gone();
        return horizon_;
    }
    Result<ports::Position> latest(const std::string&, const std::string& id) override {
        if (!exists_) return gone();
        return shards_.at(id).size();
    }
    Task<Result<ports::Position>> at_time(std::string, std::string id, WallTime time) override {
        const auto& records = shards_.at(id);
        const auto found = std::ranges::find_if(
            records, [&](const auto& record) { return record.arrival >= time; });
        const auto position = static_cast<ports::Position>(found - records.begin());
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + seek_takes);
        co_return position;
    }
    Task<Result<ports::SourceRun>> read_after(std::string, std::string id, ports::Position from,
                                              std::uint32_t records_max, std::uint64_t) override {
        if (!exists_) co_return gone();
        ++reads_;
        const auto& records = shards_.at(id);
        ports::SourceRun run{.next = from};
        while (run.next < records.size() && run.records.size() < records_max) {
            run.records.push_back(records[run.next++]);
        }
        co_return run;
    }
    Task<void> wait_beyond(std::string, std::string id, ports::Position from,
                           Instant deadline) override {
        const int waited_for = incarnation_;
        while (exists_ && incarnation_ == waited_for && shards_.at(id).size() <= from) {
            if (!co_await changed_.wait_until(machine_.timers, deadline)) co_return;
        }
    }
    Duration seek_takes{0};

  private:
    static Failure gone() {
        return fail("ResourceNotFoundException", "Stream orders under account 0 not found.", 400);
    }
    Machine& machine_;
    machine::Signal changed_;
    std::map<std::string, std::vector<ports::SourceRecord>> shards_ = {{shard, {}}};
    std::deque<std::string> data_;
    ports::Position horizon_ = 0;
    bool exists_ = true;
    int incarnation_ = 1;
    std::uint64_t reads_ = 0;
};

// Remembers the data of every batch it gets; answers as told.
class FakeInvoker final : public ports::Invoker {
  public:
    explicit FakeInvoker(Machine& machine) : machine_(machine) {}
    Task<Result<ports::InvokeOutcome>> invoke(ports::InvokeRequest request) override {
        auto event = wire::parse_json(request.payload);
        std::vector<std::string> data;
        for (const wire::Value& record : *event->find("Records")->items()) {
            data.push_back(*base64_decode(wire::text_of(*record.find("kinesis"), "data")));
        }
        const std::string last = data.empty() ? "" : data.back();
        batches.push_back(std::move(data));
        events.push_back(*std::move(event));
        ports::InvokeOutcome outcome{.payload = answer};
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + takes);
        if (throttles > 0) {
            --throttles;
            co_return fail("TooManyRequestsException", "Rate Exceeded.", 429);
        }
        if (failures > 0 || (!poison.empty() && poison == last)) {
            failures = std::max(0, failures - 1);
            outcome.function_error = "Unhandled";
        }
        co_return outcome;
    }
    std::vector<std::vector<std::string>> batches;
    std::vector<wire::Value> events;
    int failures = 0;
    int throttles = 0;
    std::string poison;  // a batch that ends with this always fails
    std::string answer = "null";
    Duration takes = milliseconds(1);

  private:
    Machine& machine_;
};

// Takes documents, unless told not to.
class FakeDestination final : public ports::FailureDestination {
  public:
    Task<Result<void>> deliver(ports::FailureNotice notice) override {
        if (failures > 0) {
            --failures;
            co_return fail("QueueDoesNotExist", "The queue is gone.", 400);
        }
        notices.push_back(std::move(notice));
        co_return Result<void>();
    }
    std::vector<wire::Value> documents() const {
        std::vector<wire::Value> all;
        for (const auto& notice : notices) all.push_back(*wire::parse_json(notice.document));
        return all;
    }
    std::vector<ports::FailureNotice> notices;
    int failures = 0;
};

class MappingsTest : public ::testing::Test {
  protected:
    MappingsTest() { open(); }
    ~MappingsTest() override {
        sim_.kill_software();
        mappings_.reset();
    }
    void open() {
        mappings_ = *Mappings::open(
            sim_.machine(), *engine_.table, source_, invoker_,
            [](const Caller&, const std::string& name) -> Result<FunctionTarget> {
                if (name == "missing") return fail("ResourceNotFoundException", "", 404);
                return FunctionTarget{.arn = "arn:function:" + name, .role = "arn:role"};
            });
        mappings_->set_destinations({{"sqs", &destination_}, {"s3", &destination_}});
        mappings_->start();
    }
    void crash() {
        sim_.kill_software();
        mappings_.reset();
        open();
    }
    Mappings::Create request(std::int64_t batch_size = 10) {
        return {.function = "consumer",
                .source_arn = stream_arn,
                .starting_position = "TRIM_HORIZON",
                .settings = {.batch_size = batch_size}};
    }
    std::string create(Mappings::Create with) {
        auto made = sim_.await(mappings_->create({}, std::move(with)));
        EXPECT_TRUE(made.has_value()) << made.error().message;
        return made->uuid;
    }
    void put(std::initializer_list<const char*> data) {
        for (const char* text : data) source_.put(text);
    }
    std::string checkpoint(const std::string& uuid, const std::string& of = shard) const {
        return engine_.table->get(Checkpoints::prefix(uuid) + of)->value_or("none");
    }
    void run_until_batches(std::size_t count) {
        ASSERT_TRUE(sim_.run_until([&] { return invoker_.batches.size() >= count; }));
    }

    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    FakeSource source_{sim_.machine()};
    FakeInvoker invoker_{sim_.machine()};
    FakeDestination destination_;
    std::unique_ptr<Mappings> mappings_;
};

}  // namespace mill::lambda
