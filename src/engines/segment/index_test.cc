// SPDX-License-Identifier: Apache-2.0
// What indexes on disk are for: costs that do not grow with what is stored.
#include "engines/segment/index.h"

#include "engines/segment/segment.h"
#include "storage/contract/counting_files.h"
#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {
namespace {

const std::string directory = std::string(data_directory) + "/log";

// A store on a simulated machine whose file traffic is counted.
class CountedStore {
  public:
    explicit CountedStore(segment::Options options) : options_(options) {
        MILL_ASSERT(sim_.machine().files.make_directories(data_directory) &&
                    sim_.machine().files.sync_directory("/"));
        open();
    }
    void open() {
        auto opened = segment::open_store(machine_, directory, options_);
        MILL_ASSERT(opened);
        store = *std::move(opened);
    }
    void kill() {
        sim_.kill_software();
        store.reset();
    }
    StreamLog& log(const std::string& name) { return **store->open_log(name); }
    template <class T>
    T await(Task<T> task) {
        return sim_.await(std::move(task));
    }
    void append(const std::string& name, std::int64_t ms, std::uint32_t records,
                std::size_t data_bytes) {
        BatchBuilder builder;
        for (std::uint32_t i = 0; i < records; ++i)
            builder.add(from_epoch_ms(ms), "k", Bytes(data_bytes, 'd'));
        MILL_ASSERT(await(log(name).append(builder.take())));
    }
    void settle() { sim_.run_for(std::chrono::seconds(1)); }
    FileTraffic& traffic() { return files_.traffic; }
    machine::Files& files() { return sim_.machine().files; }
    sim::SimMachine& sim() { return sim_; }

    std::unique_ptr<LogStore> store;

  private:
    const segment::Options options_;
    sim::SimMachine sim_{1};
    CountingFiles files_{sim_.machine().files};
    Machine machine_{sim_.machine().clock,
                     sim_.machine().timers,
                     sim_.machine().executor,
                     sim_.machine().entropy,
                     files_,
                     sim_.machine().network,
                     sim_.machine().processes,
                     Log()};
};

TEST(SegmentIndex, OpeningAMillionRecordsReadsTheIndexHeadsAndTheTailOnly) {
    constexpr std::uint64_t segment_bytes = 1024 * 1024;
    CountedStore counted({.segment_bytes = segment_bytes, .cache_bytes = 0});
    for (int i = 0; i < 2500; ++i) counted.append("a" + std::to_string(i % 5), i, 400, 4);
    counted.settle();
    const std::uint64_t stored = counted.traffic().bytes_written;
    for (int round = 0; round < 2; ++round) {
        counted.kill();
        counted.traffic() = {};
        counted.open();
        EXPECT_LT(counted.traffic().bytes_read, 2 * segment_bytes + stored / 100);
        EXPECT_GT(stored, 20 * segment_bytes);
    }
    EXPECT_EQ(counted.log("a3").bounds(), (Bounds{0, 200'000}));
}

TEST(SegmentIndex, ReadingOneColdLogAmongAThousandTouchesItsOwnBatches) {
    CountedStore counted({.segment_bytes = 256 * 1024, .cache_bytes = 0});
    for (int round = 0; round < 20; ++round) {
        for (int log = 0; log < 1000; ++log)
            counted.append("log " + std::to_string(log), round * 1000 + log, 1, 100);
    }
    counted.settle();
    counted.kill();
    counted.open();
    counted.traffic() = {};
    const auto batches = counted.await(counted.log("log 500").read(0, {}));
    ASSERT_TRUE(succeeded(batches));
    ASSERT_EQ(batches->size(), 20u);
    // Of each segment its batches and, mostly, one or two pages of its index.
    EXPECT_LT(counted.traffic().bytes_read, 20 * (200 + 10 * segment::index_page_bytes));
    counted.traffic() = {};
    EXPECT_EQ(counted.await(counted.log("log 500").offset_at(from_epoch_ms(10'500))), Offset(10));
    EXPECT_LT(counted.traffic().bytes_read, 10 * segment::index_page_bytes);
    counted.traffic() = {};
    EXPECT_EQ(counted.await(counted.log("log 500").offset_at(from_epoch_ms(10'500))), Offset(10));
    EXPECT_EQ(counted.traffic().bytes_read, 0u) << "the index's pages are kept in memory";
}

TEST(SegmentIndex, OffsetAtAndTrimLookIntoSealedSegments) {
    CountedStore counted({.segment_bytes = 16 * 1024, .cache_bytes = 0});
    for (int i = 0; i < 300; ++i) counted.append(i % 3 ? "a" : "b", i * 10, 2, 100);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(counted.await(counted.log("b").offset_at(from_epoch_ms(1501))), Offset(102));
        EXPECT_EQ(counted.await(counted.log("b").offset_at(from_epoch_ms(1500))), Offset(100));
        counted.kill();
        counted.open();
    }
    ASSERT_TRUE(counted.await(counted.log("b").trim(33)));
    EXPECT_EQ(counted.log("b").bounds().first, 32u);
    EXPECT_EQ(counted.await(counted.log("b").offset_at(from_epoch_ms(0))), Offset(32));
    counted.kill();
    counted.open();
    EXPECT_EQ(counted.log("b").bounds().first, 32u);
    EXPECT_EQ(counted.await(counted.log("b").read(0, {.records = 1}))->front().base, 32u);
}

// The indexes say nothing that the segments do not say.
TEST(SegmentIndex, LostOrDamagedIndexIsMadeAgain) {
    for (const char* how : {"removed", "head", "page", "page while it runs", "cut"}) {
        SCOPED_TRACE(how);
        CountedStore counted(
            {.segment_bytes = 16 * 1024, .cache_bytes = 0, .index_cache_bytes = 0});
        for (int i = 0; i < 300; ++i) counted.append(i % 3 ? "a" : "b", i * 10, 2, 100);
        ASSERT_TRUE(counted.await(counted.log("b").trim(9)));
        counted.settle();
        const bool is_running = std::string_view(how) == "page while it runs";
        if (!is_running) counted.kill();
        const std::string path = directory + "/" + segment::index_name(2);
        ASSERT_TRUE(counted.files().exists(path));
        if (std::string_view(how) == "removed") {
            ASSERT_TRUE(counted.files().remove(path));
        } else {
            auto file = counted.files().open(path, machine::Open::write);
            const bool head = std::string_view(how) == "head";
            const bool cut = std::string_view(how) == "cut";
            ASSERT_TRUE(cut ? (*file)->truncate(segment::index_page_bytes)
                            : (*file)->write_at(head ? 70 : segment::index_page_bytes + 70, "x"));
        }
        if (!is_running) counted.open();
        for (const char* name : {"a", "b"}) {
            Offset expected = counted.log(name).bounds().first;
            while (expected < counted.log(name).bounds().next) {
                const auto batches = counted.await(counted.log(name).read(expected, {}));
                ASSERT_TRUE(succeeded(batches));
                ASSERT_FALSE(batches->empty());
                EXPECT_EQ(batches->front().base, expected);
                expected = batches->back().end();
            }
        }
        counted.settle();
        counted.kill();
        auto bytes = machine::read_file(counted.files(), path);
        ASSERT_TRUE(succeeded(bytes));
        const auto head = segment::decode_index_head(*bytes, path);
        ASSERT_TRUE(succeeded(head));
        EXPECT_EQ(bytes->size(), head->whole_bytes());
        for (std::uint64_t at = head->bytes, page = 0; at < bytes->size();
             at += segment::index_page_bytes, ++page) {
            EXPECT_TRUE(succeeded(segment::decode_index_page(BytesView(*bytes).substr(at),
                                                             head->salt, page, path, at)));
        }
    }
}

// Its segment, which tells the same, is not newer.
TEST(SegmentIndex, IndexThatPosesAsNewerIsMadeAgain) {
    CountedStore counted({.segment_bytes = 16 * 1024});
    for (int i = 0; i < 300; ++i) counted.append("a", i * 10, 2, 100);
    counted.settle();
    counted.kill();
    auto file =
        counted.files().open(directory + "/" + segment::index_name(1), machine::Open::write);
    ASSERT_TRUE((*file)->write_at(8, BytesView("\x02", 1)));
    counted.open();
    EXPECT_EQ(counted.await(counted.log("a").read(0, {.records = 1}))->front().base, 0u);
}

}  // namespace
}  // namespace mill::storage::contract
