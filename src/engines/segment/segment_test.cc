// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/segment.h"

#include "engines/segment/format.h"
#include "storage/contract/counting_files.h"
#include "storage/contract/durable_log_contract.h"
#include "storage/contract/log_contract.h"

namespace mill::storage::contract {
namespace {

// Small segments and hardly any cache, so that rolls, removals and file reads are ordinary.
constexpr segment::Options small{
    .segment_bytes = 16 * 1024, .cache_bytes = 2 * 1024, .clean_kept_percent = 0};
// Whatever has lost a little is copied at once.
constexpr segment::Options cleaning{
    .segment_bytes = 16 * 1024, .cache_bytes = 2 * 1024, .clean_kept_percent = 90};
const std::string directory = std::string(data_directory) + "/log";

Subject subject(std::string name, segment::Options options) {
    return {.name = std::move(name), .open = [options](Machine& machine) -> Result<Engine> {
                MILL_TRY(auto logs, segment::open_store(machine, directory, options));
                return Engine{.logs = std::move(logs)};
            }};
}

INSTANTIATE_TEST_SUITE_P(Segment, LogContract,
                         testing::Values(subject("standard", {}), subject("small", small)),
                         subject_name);
INSTANTIATE_TEST_SUITE_P(Segment, DurableLogContract,
                         testing::Values(subject("small", small), subject("cleaning", cleaning)),
                         subject_name);

Batch batch_of(std::size_t bytes) {
    BatchBuilder builder;
    builder.add(from_epoch_ms(1), "key", Bytes(bytes, 'd'));
    return builder.take();
}

std::size_t segment_files(Rig& rig) {
    const auto entries = rig.files().list(directory);
    return static_cast<std::size_t>(std::ranges::count_if(*entries, [](const auto& entry) {
        return segment::segment_number(entry.name).has_value();
    }));
}

TEST(SegmentStore, SegmentsGoWhenAllInThemIsTrimmedOrDropped) {
    Rig rig(subject("small", small));
    rig.open();
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(rig.await(rig.log("a").append(batch_of(4000))));
        ASSERT_TRUE(rig.await(rig.log("b").append(batch_of(4000))));
    }
    EXPECT_GT(segment_files(rig), 15u);
    ASSERT_TRUE(rig.await(rig.log("a").trim(39)));
    EXPECT_GT(segment_files(rig), 15u);  // "b" is in all of them
    ASSERT_TRUE(rig.await(rig.logs().drop_log("b")));
    rig.sim().run_for(std::chrono::seconds(1));
    EXPECT_LE(segment_files(rig), 2u);
    rig.restart();
    EXPECT_EQ(rig.log("a").bounds(), (Bounds{39, 40}));
    EXPECT_TRUE(rig.await(rig.log("a").read(0, {})));
}

// An older segment still lists batches of "a" that are trimmed; between them and the kept ones a
// segment is gone.
TEST(SegmentStore, RemovedSegmentBetweenKeptOnesIsNoDamage) {
    Rig rig(subject("small", small));
    rig.open();
    ASSERT_TRUE(rig.await(rig.log("b").append(batch_of(10))));
    for (int i = 0; i < 14; ++i) ASSERT_TRUE(rig.await(rig.log("a").append(batch_of(4000))));
    ASSERT_TRUE(rig.await(rig.log("a").trim(12)));
    rig.sim().run_for(std::chrono::seconds(1));
    ASSERT_TRUE(rig.files().exists(directory + "/" + segment::segment_name(1)));
    ASSERT_FALSE(rig.files().exists(directory + "/" + segment::segment_name(2)));
    rig.restart();
    EXPECT_EQ(rig.log("a").bounds(), (Bounds{12, 14}));
    EXPECT_EQ(rig.log("b").bounds(), (Bounds{0, 1}));
}

TEST(SegmentStore, MissingSegmentStopsItsLogsOnly) {
    Rig rig(subject("small", small));
    rig.open();
    ASSERT_TRUE(rig.await(rig.log("b").append(batch_of(10))));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(rig.await(rig.log("a").append(batch_of(4000))));
    ASSERT_TRUE(rig.await(rig.log("b").append(batch_of(10))));
    rig.kill();
    for (const bool with_index : {true, false}) {
        const auto name = with_index ? segment::segment_name(2) : segment::index_name(2);
        ASSERT_TRUE(rig.files().remove(directory + "/" + name));
        rig.open();
        EXPECT_GE(rig.log("a").bounds().next, 20u);
        auto before = rig.await(rig.log("a").read(0, {}));
        ASSERT_TRUE(succeeded(before));
        const Offset lost = before->back().end();
        EXPECT_LT(lost, 8u);
        const auto damaged = rig.await(rig.log("a").read(lost, {}));
        EXPECT_EQ(code_of(damaged), "storage.corrupt");
        EXPECT_THAT(damaged.error().message, testing::HasSubstr(segment::segment_name(2)));
        EXPECT_TRUE(succeeded(rig.await(rig.log("a").read(19, {}))));
        EXPECT_EQ(rig.await(rig.log("b").read(0, {}))->size(), 2u);
        EXPECT_TRUE(succeeded(rig.await(rig.log("a").append(batch_of(10)))));
        rig.kill();
    }
}

TEST(SegmentStore, NewerFormatIsRefused) {
    Rig rig(subject("small", small));
    rig.open();
    ASSERT_TRUE(rig.await(rig.log("a").append(batch_of(10))));
    rig.kill();
    auto file = rig.files().open(directory + "/" + segment::segment_name(1), machine::Open::write);
    ASSERT_TRUE((*file)->write_at(8, BytesView("\x04", 1)));
    const auto opened = rig.try_open();
    EXPECT_EQ(code_of(opened), "storage.newer_format");
    EXPECT_THAT(opened.error().message, testing::HasSubstr("version 4"));
}

TEST(SegmentStore, DeadSegmentsAreWrittenAgain) {
    sim::SimMachine sim{1};
    CountingFiles files{sim.machine().files};
    Machine machine{sim.machine().clock,
                    sim.machine().timers,
                    sim.machine().executor,
                    sim.machine().entropy,
                    files,
                    sim.machine().network,
                    sim.machine().processes,
                    Log()};
    ASSERT_TRUE(files.make_directories(data_directory));
    auto store = segment::open_store(
        machine, directory,
        {.segment_bytes = 16 * 1024, .cache_bytes = 0, .recycled_files_max = 2});
    const auto fill = [&](int batches) {
        for (int i = 0; i < batches; ++i) {
            StreamLog& log = **(*store)->open_log("a");
            ASSERT_TRUE(sim.await(log.append(batch_of(4000))));
            ASSERT_TRUE(sim.await(log.trim(log.bounds().next - 1)));
            sim.run_for(std::chrono::milliseconds(100));
        }
    };
    fill(20);
    files.traffic = {};
    fill(80);
    const auto segments_made = std::ranges::count_if(
        files.traffic.creations,
        [](const std::string& path) { return path.find(".segment") != std::string::npos; });
    EXPECT_LE(segments_made, 1);
    sim.power_loss();
    store->reset();
    store = segment::open_store(machine, directory, {.segment_bytes = 16 * 1024});
    ASSERT_TRUE(succeeded(store));
    EXPECT_EQ((**(*store)->open_log("a")).bounds(), (Bounds{99, 100}));
    EXPECT_EQ(sim.await((**(*store)->open_log("a")).read(0, {}))->size(), 1u);
}

TEST(SegmentStore, AppendsThatWaitShareOneSync) {
    Rig rig(subject("small", small));
    rig.open();
    rig.log("a");
    rig.sim().inject_file_error("sync", 2, "io");  // the third sync would fail
    std::vector<Task<Result<Offset>>> appends;
    for (int i = 0; i < 50; ++i) appends.push_back(rig.log(i % 2 ? "a" : "b").append(batch_of(10)));
    for (auto& append : appends) EXPECT_TRUE(succeeded(rig.await(std::move(append))));
}

// Counts the work that the executor does itself.
class BriefWork final : public machine::Executor {
  public:
    explicit BriefWork(machine::Executor& executor) : executor_(executor) {}
    int count = 0;
    void post(machine::Job job) override { executor_.post(std::move(job)); }
    void offload(machine::Job work, machine::Job done) override {
        executor_.offload(std::move(work), std::move(done));
    }
    void offload_brief(machine::Job work, machine::Job done) override {
        ++count;
        executor_.offload(std::move(work), std::move(done));
    }
    bool has_spare_core() const override { return false; }

  private:
    machine::Executor& executor_;
};

TEST(SegmentStore, TheExecutorDoesNotStandStillForAppendsThatCanWait) {
    sim::SimMachine sim{1};
    Machine& real = sim.machine();
    BriefWork executor(real.executor);
    Machine machine{real.clock, real.timers,  executor,       real.entropy,
                    real.files, real.network, real.processes, Log()};
    ASSERT_TRUE(real.files.make_directories(data_directory));
    auto store = segment::open_store(machine, directory, {});
    const auto log = [&]() -> storage::StreamLog& { return **(*store)->open_log("a"); };
    const auto append = [&](bool can_wait) {
        Batch batch = batch_of(10);
        batch.can_wait = can_wait;
        return sim.await(log().append(std::move(batch)));
    };
    ASSERT_TRUE(append(true));
    EXPECT_EQ(executor.count, 0);
    ASSERT_TRUE(append(false));
    EXPECT_EQ(executor.count, 2) << "begun and finished";
    ASSERT_TRUE(succeeded(sim.await(log().append(batch_of(1'000'000)))));
    ASSERT_TRUE(append(false));
    EXPECT_EQ(executor.count, 3) << "in one: where it goes only the size was set";
}

// What is told of an append before it is durable comes true, or the append fails.
Task<void> append_in_steps(storage::StreamLog& log, std::vector<std::string>& seen) {
    const auto appending = log.begin_append(batch_of(10));
    if (!appending) co_return;
    const auto placed = co_await appending->placed();
    seen.push_back(placed ? "placed at " + std::to_string(*placed) : "not placed");
    const auto durable = co_await appending->durable();
    seen.push_back(durable ? "durable at " + std::to_string(*durable) : "failed");
}

TEST(SegmentStore, TellsWhereAnAppendGoesBeforeItIsDurable) {
    Rig rig(subject("small", small));
    rig.open();
    std::vector<std::string> seen;
    rig.tasks().spawn(append_in_steps(rig.log("a"), seen));
    rig.sim().run_for(std::chrono::seconds(1));
    EXPECT_THAT(seen, testing::ElementsAre("placed at 0", "durable at 0"));
    seen.clear();
    rig.sim().inject_file_error("sync", 0, "io");
    rig.tasks().spawn(append_in_steps(rig.log("a"), seen));
    rig.sim().run_for(std::chrono::seconds(1));
    EXPECT_THAT(seen, testing::ElementsAre("placed at 1", "failed"));
    EXPECT_EQ(rig.log("a").bounds(), (Bounds{0, 1}));
    seen.clear();
    rig.tasks().spawn(append_in_steps(rig.log("a"), seen));
    rig.sim().run_for(std::chrono::seconds(1));
    EXPECT_THAT(seen, testing::ElementsAre("placed at 1", "durable at 1"));
}

Task<void> append_many(Rig& rig, std::string name, Offset& acknowledged) {
    constexpr int large_in = 8;
    while (true) {
        const bool is_large = rig.sim().random(large_in) == 0;
        const auto bytes = is_large ? 90'000 : 1 + rig.sim().random(3000);
        const auto done = co_await rig.log(name).append(batch_of(bytes));
        if (!done) co_return;
        acknowledged = *done + 1;
    }
}

// Zeros are written ahead of small commits and beside them, large ones write where nothing was.
TEST(SegmentStore, PowerLossWhileTheFileGrowsLosesNothing) {
    std::uint64_t stored = 0;
    for (sim::Seed seed = 0; seed < 40; ++seed) {
        Rig rig(subject("growing", {.segment_bytes = 1024 * 1024, .cache_bytes = 0}), seed);
        rig.open();
        Offset acknowledged[2] = {};
        rig.tasks().spawn(append_many(rig, "a", acknowledged[0]));
        rig.tasks().spawn(append_many(rig, "b", acknowledged[1]));
        rig.sim().run_for(std::chrono::milliseconds(rig.sim().random(300)));
        rig.lose_power();
        rig.open();
        for (const int i : {0, 1}) {
            StreamLog& log = rig.log(i ? "b" : "a");
            EXPECT_GE(log.bounds().next, acknowledged[i]) << "seed " << seed;
            for (Offset at = 0; at < acknowledged[i];) {
                const auto batches = rig.await(log.read(at, {}));
                ASSERT_TRUE(succeeded(batches)) << "seed " << seed;
                ASSERT_FALSE(batches->empty()) << "seed " << seed;
                at = batches->back().end();
            }
            stored += acknowledged[i];
        }
    }
    EXPECT_GT(stored, 1000U);
}

TEST(SegmentFormat, EntryRoundTrip) {
    segment::EntryHeader header{.kind = segment::EntryKind::trim,
                                .log = 7,
                                .base = 1ull << 40,
                                .records = 3,
                                .first_arrival = -1,
                                .last_arrival = 5,
                                .payload_bytes = 9,
                                .payload_crc = 10,
                                .group = 4096,
                                .previous = 11};
    Bytes bytes;
    const std::uint32_t crc = segment::encode_entry(header, 99, bytes);
    EXPECT_EQ(bytes.size(), segment::EntryHeader::bytes);
    const auto decoded = segment::decode_entry(bytes, 99);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->crc, crc);
    EXPECT_EQ(decoded->base, header.base);
    EXPECT_EQ(decoded->group, header.group);
    EXPECT_EQ(decoded->first_arrival, -1);
    EXPECT_FALSE(segment::decode_entry(bytes, 98)) << "an entry belongs to its segment";
}

TEST(SegmentFormat, HeadRoundTrip) {
    segment::Head head{.number = 3,
                       .salt = 4,
                       .next_log_id = 5,
                       .segments = {{1, 100, 7}, {2, 200, 8}},
                       .logs = {{1, 2, 3, 4, "name"}, {2, 0, 0, 0, "n"}}};
    const Bytes bytes = segment::encode_head(head);
    EXPECT_EQ(bytes.size() % segment::entry_alignment, 0u);
    auto decoded = segment::decode_head(bytes, "f");
    ASSERT_TRUE(succeeded(decoded));
    EXPECT_EQ(decoded->bytes, bytes.size());
    head.bytes = decoded->bytes;
    head.crc = decoded->crc;
    EXPECT_EQ(*decoded, head);
    EXPECT_EQ(code_of(segment::decode_head(BytesView(bytes).substr(0, bytes.size() - 1), "f")),
              "storage.corrupt");
}

}  // namespace
}  // namespace mill::storage::contract
