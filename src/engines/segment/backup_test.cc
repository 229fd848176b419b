// SPDX-License-Identifier: Apache-2.0
// A snapshot of a running store opens as the store of its moment, whatever happens meanwhile.
#include "engines/segment/segment.h"
#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {
namespace {

const std::string directory = std::string(data_directory) + "/log";
const std::string copy = "/backup/log";
constexpr segment::Options options{
    .segment_bytes = 16 * 1024, .cache_bytes = 0, .clean_kept_percent = 40};

struct Running {
    explicit Running(sim::Seed seed) : sim(seed) {
        MILL_ASSERT(sim.machine().files.make_directories(data_directory));
        store = *segment::open_store(sim.machine(), directory, options);
    }
    sim::SimMachine sim;
    std::unique_ptr<segment::SegmentStore> store;
    std::vector<Offset> acknowledged = {0, 0};  // next, by log
    bool stop = false;
};

const std::string names[] = {"a", "b"};

Batch numbered(Offset number) {
    BatchBuilder builder;
    builder.add(from_epoch_ms(static_cast<std::int64_t>(number)), std::to_string(number),
                Bytes(number % 7 * 300, 'd'));
    return builder.take();
}

// Appends without end, and trims one log after it.
Task<void> write(Running& run, std::size_t which) {
    StreamLog& log = **run.store->open_log(names[which]);
    while (!run.stop) {
        const auto offset = co_await log.append(numbered(run.acknowledged[which]));
        EXPECT_EQ(offset, run.acknowledged[which]);
        ++run.acknowledged[which];
        if (which == 1 && *offset % 50 == 49)
            EXPECT_TRUE((co_await log.trim(*offset - 10)).has_value());
    }
}

storage::Bounds bounds_of(segment::SegmentStore& store, const std::string& name) {
    return (**store.open_log(name)).bounds();
}

TEST(SegmentSnapshot, IsOneMomentOfARunningStore) {
    for (sim::Seed seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Running run(seed);
        Scope writers;
        for (std::size_t i : {0u, 1u}) writers.spawn(write(run, i));
        run.sim.run_until([&] { return run.acknowledged[0] > 200 + seed; });
        auto snapshot = run.store->snapshot();
        const Bounds at[] = {bounds_of(*run.store, "a"), bounds_of(*run.store, "b")};
        run.sim.run_until([&] { return run.acknowledged[0] > 300 + 10 * seed; });
        ASSERT_TRUE(succeeded(run.sim.await(snapshot->copy_to(copy))));
        snapshot.reset();
        EXPECT_GT(bounds_of(*run.store, "b").first, at[1].first) << "trims go on";
        run.stop = true;
        run.sim.run_for(std::chrono::seconds(5));
        run.sim.kill_software();
        run.store.reset();
        run.sim.power_loss();

        const auto report = segment::check_store(run.sim.machine().files, copy);
        ASSERT_TRUE(succeeded(report));
        for (const auto& finding : report->findings) ADD_FAILURE() << finding.text;
        auto copied = segment::open_store(run.sim.machine(), copy, options);
        ASSERT_TRUE(succeeded(copied));
        for (std::size_t i : {0u, 1u}) {
            EXPECT_EQ(bounds_of(**copied, names[i]), at[i]);
            StreamLog& log = **(*copied)->open_log(names[i]);
            for (Offset offset = log.bounds().first; offset < log.bounds().next; ++offset) {
                const auto batch = run.sim.await(log.read(offset, {.records = 1}));
                ASSERT_TRUE(succeeded(batch));
                ASSERT_EQ(*batch->front().payload, numbered(offset).payload);
            }
        }
        run.sim.kill_software();
    }
}

std::size_t count_of(sim::SimMachine& sim, const std::string& ending) {
    const auto entries = sim.machine().files.list(directory);
    return static_cast<std::size_t>(std::ranges::count_if(
        *entries, [&](const auto& entry) { return entry.name.ends_with(ending); }));
}

TEST(SegmentSnapshot, HoldsWhatIsDroppedMeanwhile) {
    Running run(1);
    for (Offset n = 0; n < 200; ++n)
        ASSERT_TRUE(run.sim.await((**run.store->open_log("a")).append(numbered(n))));
    ASSERT_TRUE(run.sim.await((**run.store->open_log("b")).append(numbered(0))));
    const std::size_t before = count_of(run.sim, ".segment");
    ASSERT_GT(before, 5u);
    auto snapshot = run.store->snapshot();
    ASSERT_TRUE(run.sim.await(run.store->drop_log("a")));
    run.sim.run_for(std::chrono::seconds(5));
    EXPECT_EQ(count_of(run.sim, ".segment"), before);
    ASSERT_TRUE(run.sim.await(snapshot->copy_to(copy)));
    snapshot.reset();
    run.sim.run_for(std::chrono::seconds(5));
    EXPECT_LE(count_of(run.sim, ".segment"), 2u) << "what had to wait has gone";
    EXPECT_LE(count_of(run.sim, ".free"), options.recycled_files_max);
    auto copied = segment::open_store(run.sim.machine(), copy, options);
    EXPECT_EQ(bounds_of(**copied, "a").next, 200u);
    EXPECT_EQ(bounds_of(**copied, "b").next, 1u);
    EXPECT_THAT(run.store->log_names(), testing::ElementsAre("b"));
    run.sim.kill_software();
}

}  // namespace
}  // namespace mill::storage::contract
