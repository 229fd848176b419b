// SPDX-License-Identifier: Apache-2.0
// Damage to every 4 KiB of a closed store: it is named, with its file; logs that it does not
// concern go on; what can be read is what was written; check_store says the same.
#include <set>

#include "engines/segment/format.h"
#include "engines/segment/segment.h"
#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {
namespace {

const std::string directory = std::string(data_directory) + "/log";
constexpr segment::Options options{
    .segment_bytes = 48 * 1024, .cache_bytes = 0, .clean_kept_percent = 0};
constexpr std::size_t page_bytes = 4096;

using Snapshot = std::map<std::string, Bytes>;
// What was stored, by log and offset.
using Stored = std::map<std::string, std::map<Offset, Bytes>>;

struct Closed {
    Snapshot files;
    Stored stored;
};

Closed make_store() {
    sim::SimMachine sim{7};
    Closed closed;
    {
        MILL_ASSERT(sim.machine().files.make_directories(data_directory));
        auto store = *segment::open_store(sim.machine(), directory, options);
        const std::vector<std::string> names = {"a", "b", "c", "d"};
        for (int i = 0; i < 150; ++i) {
            // "d" is in the first segment and, by one batch, in the newest.
            const std::string& name = names[i < 8 || i == 148 ? i % 4 + (i == 148 ? 3 : 0) : i % 3];
            BatchBuilder builder;
            for (int r = 0; r <= i % 2; ++r)
                builder.add(from_epoch_ms(i * 10), "k",
                            Bytes(i % 5 == 0 ? 5000 : 500, 'a' + i % 26));
            Batch batch = builder.take();
            const Bytes payload = batch.payload;
            const auto base = sim.await((*store->open_log(name))->append(std::move(batch)));
            closed.stored[name][*base] = payload;
        }
        sim.run_for(std::chrono::seconds(1));
        sim.kill_software();
    }
    const auto entries = sim.machine().files.list(directory);
    for (const auto& entry : *entries)
        closed.files[entry.name] =
            *machine::read_file(sim.machine().files, directory + "/" + entry.name);
    return closed;
}

// What reading all of a damaged store gave.
struct Outcome {
    Result<void> opened;
    std::set<std::string> stopped;   // logs with an error
    std::set<std::string> messages;  // of those errors
    std::size_t unreadable = 0;      // batches
    std::set<std::string> checked;   // logs that check_store names
    std::vector<segment::Finding> findings;
};

void read_log(sim::SimMachine& sim, StreamLog& log, const std::string& name,
              const std::map<Offset, Bytes>& stored, Outcome& outcome) {
    for (const auto& [base, payload] : stored) {
        if (base >= log.bounds().next) break;
        const auto batches = sim.await(log.read(base, {.records = 1}));
        if (!batches) {
            EXPECT_EQ(batches.error().code, "storage.corrupt");
            outcome.stopped.insert(name);
            outcome.messages.insert(batches.error().message);
            ++outcome.unreadable;
            continue;
        }
        ASSERT_FALSE(batches->empty());
        ASSERT_EQ(batches->front().base, base);
        ASSERT_EQ(*batches->front().payload, payload);
    }
}

Outcome try_damaged(const Closed& closed, const Snapshot& files) {
    sim::SimMachine sim{7};
    machine::Files& disk = sim.machine().files;
    MILL_ASSERT(disk.make_directories(directory));
    for (const auto& [name, bytes] : files) {
        auto file = disk.open(directory + "/" + name, machine::Open::create);
        MILL_ASSERT(file && (*file)->write_at(0, bytes) && (*file)->sync());
    }
    Outcome outcome;
    const auto report = segment::check_store(disk, directory);
    EXPECT_TRUE(succeeded(report));
    outcome.findings = report->findings;
    for (const segment::Finding& finding : report->findings)
        outcome.checked.insert(finding.logs.begin(), finding.logs.end());
    auto store = segment::open_store(sim.machine(), directory, options);
    if (!store) {
        outcome.opened = Failure(store.error());
        return outcome;
    }
    for (const auto& [name, stored] : closed.stored) {
        StreamLog& log = **(*store)->open_log(name);
        read_log(sim, log, name, stored, outcome);
        // The newest commit alone has no witness.
        const Offset end = std::prev(stored.end())->first;
        EXPECT_GE(log.bounds().next, end) << name;
        if (name != "c") EXPECT_GT(log.bounds().next, end) << name;
    }
    sim.kill_software();
    return outcome;
}

bool is_newest(const Closed& closed, const std::string& name) {
    std::string newest;
    for (const auto& [file, bytes] : closed.files) {
        if (segment::segment_number(file)) newest = file;
    }
    return name == newest;
}

bool is_used(const Bytes& bytes, std::size_t page) {
    return BytesView(bytes).substr(page, page_bytes).find_first_not_of('\0') != BytesView::npos;
}

// Applies `harm` to each page of each file, one at a time.
template <class Harm>
void harm_each_page(Harm harm) {
    const Closed closed = make_store();
    ASSERT_GT(closed.files.size(), 8u);
    std::size_t named = 0;
    for (const auto& [name, bytes] : closed.files) {
        for (std::size_t page = 0; page < bytes.size(); page += page_bytes) {
            SCOPED_TRACE(name + " page at " + std::to_string(page));
            Snapshot files = closed.files;
            harm(files[name], page);
            const Outcome outcome = try_damaged(closed, files);
            if (testing::Test::HasFailure()) return;
            if (outcome.opened)
                EXPECT_EQ(outcome.stopped, outcome.checked) << "check_store says something else";
            for (const std::string& message : outcome.messages)
                EXPECT_THAT(message, testing::HasSubstr(directory + "/" + name + " at byte "));
            if (!outcome.opened) {
                EXPECT_TRUE(is_newest(closed, name)) << outcome.opened.error().message;
                EXPECT_THAT(outcome.opened.error().message,
                            testing::HasSubstr(directory + "/" + name + " at byte "));
                ASSERT_EQ(outcome.findings.size(), 1u);
                EXPECT_THAT(outcome.findings[0].text,
                            testing::StartsWith(outcome.opened.error().message));
                ++named;
                continue;
            }
            if (name > segment::segment_name(1) && !is_newest(closed, name))
                EXPECT_FALSE(outcome.stopped.contains("d")) << "it has nothing there";
            if (segment::index_number(name)) {
                EXPECT_EQ(outcome.unreadable, 0u) << "an index is made again";
                continue;
            }
            named += !outcome.findings.empty();
            if (!is_newest(closed, name) && files[name] != bytes && is_used(bytes, page))
                EXPECT_FALSE(outcome.findings.empty()) << "not noticed";
        }
    }
    EXPECT_GT(named, 40u);
}

TEST(SegmentCorruption, ZeroedPages) {
    harm_each_page([](Bytes& bytes, std::size_t page) {
        const std::size_t end = std::min(page + page_bytes, bytes.size());
        std::fill(bytes.begin() + static_cast<long>(page), bytes.begin() + static_cast<long>(end),
                  '\0');
    });
}

TEST(SegmentCorruption, BitFlips) {
    for (const std::size_t at : {5u, 1000u, 3001u}) {
        harm_each_page([at](Bytes& bytes, std::size_t page) {
            // In what is used: zeros beyond the end are nothing.
            if (page + at < bytes.find_last_not_of('\0'))
                bytes[page + at] = static_cast<char>(bytes[page + at] ^ 0x10);
        });
    }
}

TEST(SegmentCorruption, Truncations) {
    harm_each_page([](Bytes& bytes, std::size_t page) { bytes.resize(page); });
}

}  // namespace
}  // namespace mill::storage::contract
