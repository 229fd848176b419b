// SPDX-License-Identifier: Apache-2.0
// The cleaner, seen from outside: space comes back, records stay as they were.
#include "engines/segment/format.h"
#include "engines/segment/segment.h"
#include "storage/contract/counting_files.h"
#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {
namespace {

const std::string directory = std::string(data_directory) + "/log";

constexpr segment::Options options{
    .segment_bytes = 64 * 1024, .cache_bytes = 0, .clean_kept_percent = 20};

Subject subject(segment::Options with) {
    return {.name = "cleaning", .open = [with](Machine& machine) -> Result<Engine> {
                MILL_TRY(auto logs, segment::open_store(machine, directory, with));
                return Engine{.logs = std::move(logs)};
            }};
}

Batch numbered(int number, std::size_t bytes) {
    BatchBuilder builder;
    for (int i = 0; i <= number % 3; ++i) {
        builder.add(from_epoch_ms(number * 10 + i), std::to_string(number), Bytes(bytes, 'd'));
    }
    return builder.take();
}

std::size_t segment_files(Rig& rig) {
    const auto entries = rig.files().list(directory);
    return static_cast<std::size_t>(std::ranges::count_if(*entries, [](const auto& entry) {
        return segment::segment_number(entry.name).has_value();
    }));
}

// All that is left of a log whose batches were numbered(0), numbered(step), ...
void expect_numbered(Rig& rig, const std::string& name, int step) {
    SCOPED_TRACE(name);
    const Bounds bounds = rig.log(name).bounds();
    std::map<Offset, Batch> wanted;
    Offset offset = 0;
    for (int number = 0; offset < bounds.next; number += step) {
        const Batch batch = numbered(number, name == "long" ? 300 : 1000);
        wanted[offset] = batch;
        offset += batch.records;
    }
    for (Offset at = bounds.first; at < bounds.next;) {
        const auto batches = rig.await(rig.log(name).read(at, {.records = 5}));
        ASSERT_TRUE(succeeded(batches));
        ASSERT_FALSE(batches->empty());
        for (const StoredBatch& stored : *batches) {
            ASSERT_EQ(stored.base, at);
            ASSERT_EQ(*stored.payload, wanted[at].payload);
            ASSERT_EQ(stored.first_arrival, wanted[at].first_arrival);
            ASSERT_EQ(stored.last_arrival, wanted[at].last_arrival);
            at = stored.end();
        }
    }
}

// Much of "short", a little of "long" in every segment.
void fill(Rig& rig, int batches) {
    for (int i = 0; i < batches; ++i) {
        ASSERT_TRUE(rig.await(rig.log("short").append(numbered(i, 1000))));
        if (i % 10 == 0) ASSERT_TRUE(rig.await(rig.log("long").append(numbered(i, 300))));
    }
}

TEST(SegmentCleaner, CopiesWhatIsKeptOutOfMostlyDeadSegments) {
    Rig rig(subject(options));
    rig.open();
    fill(rig, 1000);
    const std::size_t before = segment_files(rig);
    EXPECT_GT(before, 25u);
    ASSERT_TRUE(rig.await(rig.log("short").trim(rig.log("short").bounds().next)));
    rig.sim().run_for(std::chrono::minutes(1));
    EXPECT_LE(segment_files(rig), before / 5 + 2);
    EXPECT_EQ(rig.log("long").bounds().first, 0u);
    expect_numbered(rig, "long", 10);
    for (int i = 0; i < 3; ++i) {
        i == 1 ? rig.lose_power() : rig.kill();
        rig.open();
        expect_numbered(rig, "long", 10);
        EXPECT_EQ(rig.await(rig.log("long").offset_at(from_epoch_ms(5000))), Offset(99));
    }
    // Copies are trimmed as the originals would have been.
    ASSERT_TRUE(rig.await(rig.log("long").trim(100)));
    EXPECT_EQ(rig.log("long").bounds().first, 99u);
    rig.restart();
    EXPECT_EQ(rig.log("long").bounds().first, 99u);
    expect_numbered(rig, "long", 10);
}

TEST(SegmentCleaner, KeepsToItsBytesPerSecond) {
    auto slow = options;
    slow.clean_bytes_per_second = 1000;  // a segment has some 4 KiB of "long"
    Rig rig(subject(slow));
    rig.open();
    fill(rig, 500);
    const std::size_t before = segment_files(rig);
    ASSERT_TRUE(rig.await(rig.log("short").trim(rig.log("short").bounds().next)));
    rig.sim().run_for(std::chrono::seconds(10));
    const std::size_t after = segment_files(rig);
    EXPECT_LT(after, before);
    EXPECT_GE(after + 7, before);
}

TEST(SegmentCleaner, CanBeOff) {
    auto off = options;
    off.clean_kept_percent = 0;
    Rig rig(subject(off));
    rig.open();
    fill(rig, 500);
    const std::size_t before = segment_files(rig);
    ASSERT_TRUE(rig.await(rig.log("short").trim(rig.log("short").bounds().next)));
    rig.sim().run_for(std::chrono::minutes(1));
    EXPECT_EQ(segment_files(rig), before);
}

// Appends, trims and reads go on while it copies, and the power goes at any operation.
TEST(SegmentCleaner, PowerLossAtAnyOperationKeepsOffsetsAndOrder) {
    for (sim::Seed seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(subject({.segment_bytes = 16 * 1024, .cache_bytes = 0, .clean_kept_percent = 40}),
                seed);
        rig.open();
        fill(rig, 80);
        Offset trimmed = rig.log("short").bounds().next - rig.sim().random(40);
        ASSERT_TRUE(rig.await(rig.log("short").trim(trimmed)));
        const Offset first = rig.log("short").bounds().first;
        for (int round = 0; round < 3; ++round) {
            rig.power().cut_after(1 + rig.sim().random(40));
            rig.sim().run_for(std::chrono::milliseconds(rig.sim().random(2000)));
            rig.lose_power();
            rig.open();
            EXPECT_EQ(rig.log("short").bounds().first, first);
            EXPECT_EQ(rig.log("long").bounds().first, 0u);
            EXPECT_GE(rig.log("long").bounds().next, 8u);
            expect_numbered(rig, "short", 1);
            expect_numbered(rig, "long", 10);
            if (testing::Test::HasFailure()) return;
        }
        rig.sim().run_for(std::chrono::seconds(20));
        expect_numbered(rig, "long", 10);
    }
}

// What a trim costs does not depend on what is kept.
TEST(SegmentTrim, WritesOneEntryAndReadsNoBatch) {
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
    auto store =
        segment::open_store(machine, directory, {.segment_bytes = 1024 * 1024, .cache_bytes = 0});
    StreamLog& log = **(*store)->open_log("a");
    for (int i = 0; i < 4000; ++i) ASSERT_TRUE(sim.await(log.append(numbered(i, 1000))));
    sim.run_for(std::chrono::seconds(1));
    for (const Offset before : {10u, 1000u, 4000u}) {
        files.traffic = {};
        ASSERT_TRUE(sim.await(log.trim(before)));
        EXPECT_LE(files.traffic.bytes_written, 64u + 64 * 1024);  // an entry, and zeros ahead of it
        EXPECT_LE(files.traffic.bytes_read, 6u * 4096);
    }
}

}  // namespace
}  // namespace mill::storage::contract
