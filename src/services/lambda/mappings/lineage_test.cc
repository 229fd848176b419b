// SPDX-License-Identifier: Apache-2.0
// A mapping follows its stream's resharding: parents to their end, then their children.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

#include "engines/memory/memory.h"
#include "services/lambda/mappings/stream_run.h"
#include "sim/machine/sim_machine.h"
#include "wire/value.h"

namespace mill::lambda {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Shards in memory, which open and close as told.
class ShardedSource final : public ports::RecordSource {
  public:
    explicit ShardedSource(Machine& machine) : machine_(machine), changed_(machine.executor) {}

    void open(const std::string& id, std::vector<std::string> parents = {}) {
        for (const std::string& parent : parents) shards_.at(parent).listed.closed = true;
        shards_[id].listed = {.shard_id = id, .parents = std::move(parents)};
        changed_.notify_all();
    }
    void expire(const std::string& id) { shards_.erase(id); }
    void put(const std::string& id, const std::string& data) {
        auto& records = shards_.at(id).records;
        records.push_back({.position = records.size(),
                           .sequence_number = std::to_string(1000 + records.size()),
                           .partition_key = "key",
                           .data = data_.emplace_back(data),
                           .arrival = machine_.clock.wall()});
        changed_.notify_all();
    }
    int listings() const { return listings_; }

    Result<void> check_source(const std::string&) override { return {}; }
    Result<std::string> incarnation(const std::string&) override { return "1"; }
    Result<std::vector<ports::SourceShard>> shards(const std::string&) override {
        ++listings_;
        std::vector<ports::SourceShard> all;
        for (const auto& [id, shard] : shards_) all.push_back(shard.listed);
        return all;
    }
    Result<ports::Position> trim_horizon(const std::string&, const std::string&) override {
        return 0;
    }
    Result<ports::Position> latest(const std::string&, const std::string& id) override {
        return shards_.at(id).records.size();
    }
    Task<Result<ports::Position>> at_time(std::string, std::string, WallTime) override {
        co_return ports::Position{0};
    }
    Task<Result<ports::SourceRun>> read_after(std::string, std::string id, ports::Position from,
                                              std::uint32_t most, std::uint64_t) override {
        const Shard& shard = shards_.at(id);
        ports::SourceRun run{.next = from};
        while (run.next < shard.records.size() && run.records.size() < most)
            run.records.push_back(shard.records[run.next++]);
        run.at_end = shard.listed.closed && run.next == shard.records.size();
        co_return run;
    }
    Task<void> wait_beyond(std::string, std::string id, ports::Position from,
                           Instant deadline) override {
        const Shard& shard = shards_.at(id);
        while (shard.records.size() <= from && !shard.listed.closed) {
            if (!co_await changed_.wait_until(machine_.timers, deadline)) co_return;
        }
    }

  private:
    struct Shard {
        ports::SourceShard listed;
        std::vector<ports::SourceRecord> records;
    };
    Machine& machine_;
    machine::Signal changed_;
    std::map<std::string, Shard> shards_;
    std::list<std::string> data_;  // of all records, which are views
    int listings_ = 0;
};

// Keeps the data of what it gets; each delivery takes a while.
class SlowInvoker final : public ports::Invoker {
  public:
    explicit SlowInvoker(Machine& machine) : machine_(machine) {}
    Task<Result<ports::InvokeOutcome>> invoke(ports::InvokeRequest request) override {
        const auto event = wire::parse_json(request.payload);
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + seconds(1));
        for (const wire::Value& record : *event->find("Records")->items())
            delivered.push_back(*base64_decode(wire::text_of(*record.find("kinesis"), "data")));
        co_return ports::InvokeOutcome{.payload = "null"};
    }
    std::vector<std::string> delivered;

  private:
    Machine& machine_;
};

class LineageTest : public ::testing::Test {
  protected:
    ~LineageTest() override { stop(); }
    void start() {
        run_ = std::make_unique<StreamRun>(
            MappingServices{sim_.machine(), *engine_.table, source_, invoker_, destinations_},
            Mapping{.uuid = "u", .settings = {.batch_size = 2}}, "arn:role", counts_, discards_);
        run_->start();
    }
    void stop() {
        sim_.kill_software();
        run_.reset();
    }
    std::vector<std::string> checkpoints() {
        std::vector<std::string> shards;
        for (const auto& entry : *engine_.table->scan(Checkpoints::prefix("u")))
            shards.push_back(entry.key.substr(Checkpoints::prefix("u").size()));
        return shards;
    }

    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    ShardedSource source_{sim_.machine()};
    SlowInvoker invoker_{sim_.machine()};
    ports::FailureDestinations destinations_;
    MappingCounts counts_;
    Discards discards_{*engine_.table, "u"};
    std::unique_ptr<MappingRun> run_;
};

TEST_F(LineageTest, AChildWaitsUntilItsParentIsDelivered) {
    source_.open("0");
    start();
    for (const auto* data : {"a", "b", "c"}) source_.put("0", data);
    source_.open("1", {"0"});
    source_.open("2", {"0"});
    source_.put("1", "d");
    sim_.run_for(milliseconds(1500));
    EXPECT_THAT(invoker_.delivered, ElementsAre("a", "b"));
    sim_.run_for(seconds(10));
    EXPECT_THAT(invoker_.delivered, ElementsAre("a", "b", "c", "d"));
}

TEST_F(LineageTest, TheChildOfAMergeWaitsForBothParents) {
    source_.open("0");
    source_.open("1");
    start();
    source_.put("0", "a");
    for (const auto* data : {"b", "c", "d"}) source_.put("1", data);
    source_.open("2", {"0", "1"});
    source_.put("2", "e");
    sim_.run_for(milliseconds(1500));
    EXPECT_EQ(invoker_.delivered.size(), 3U);
    sim_.run_for(seconds(10));
    ASSERT_EQ(invoker_.delivered.size(), 5U);
    EXPECT_EQ(invoker_.delivered.back(), "e");
}

// Their pollers end before they have ever waited.
TEST_F(LineageTest, ShortLivedShardsArePassedAtOnce) {
    source_.open("0");
    source_.open("1", {"0"});
    source_.open("2", {"0"});
    source_.open("3", {"1", "2"});
    source_.put("3", "a");
    start();
    sim_.run_for(seconds(2));
    EXPECT_THAT(invoker_.delivered, ElementsAre("a"));
}

TEST_F(LineageTest, ARestartDeliversNothingOfTheParentsAgain) {
    source_.open("0");
    source_.put("0", "a");
    source_.open("1", {"0"});
    source_.put("1", "b");
    start();
    sim_.run_for(seconds(5));
    stop();
    start();
    source_.put("1", "c");
    sim_.run_for(seconds(5));
    EXPECT_THAT(invoker_.delivered, ElementsAre("a", "b", "c"));
}

TEST_F(LineageTest, CheckpointsOfExpiredShardsGo) {
    source_.open("0");
    source_.put("0", "a");
    start();
    sim_.run_for(seconds(5));
    EXPECT_THAT(checkpoints(), ElementsAre("0"));
    source_.open("1", {"0"});
    source_.put("1", "b");
    sim_.run_for(seconds(5));
    EXPECT_THAT(checkpoints(), UnorderedElementsAre("0", "1"));
    source_.expire("0");
    source_.open("2", {"1"});
    sim_.run_for(seconds(5));
    EXPECT_THAT(checkpoints(), ElementsAre("1"));
}

TEST_F(LineageTest, ShardsAreNotPolledFor) {
    source_.open("0");
    start();
    sim_.run_for(seconds(600));
    EXPECT_EQ(source_.listings(), 1);
    EXPECT_THAT(invoker_.delivered, IsEmpty());
}

}  // namespace
}  // namespace mill::lambda
