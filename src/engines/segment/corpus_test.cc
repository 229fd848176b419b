// SPDX-License-Identifier: Apache-2.0
// Stores that older versions wrote (tests/corpus) are read, go on, and end as stores of this
// version.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engines/segment/format.h"
#include "engines/segment/segment.h"
#include "engines/sqlite/sqlite_table.h"
#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {
namespace {

const std::string corpus = std::string(MILL_CORPUS);

Subject subject() {
    return {.name = "corpus", .open = [](Machine& machine) -> Result<Engine> {
                const std::string directory = data_directory;
                MILL_TRY(auto logs, segment::open_store(machine, directory + "/log",
                                                        {.segment_bytes = 16 * 1024}));
                MILL_TRY(auto table, sqlite::open_table(machine, directory + "/table.db"));
                return Engine{.logs = std::move(logs), .table = std::move(table)};
            }};
}

// Brings a store of the corpus to the simulated disk.
void load(Rig& rig, const std::string& name) {
    const std::filesystem::path root = corpus + "/" + name;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const std::string path =
            std::string(data_directory) + "/" + entry.path().lexically_relative(root).string();
        if (entry.is_directory()) {
            ASSERT_TRUE(rig.files().make_directories(path));
            continue;
        }
        std::ifstream stream(entry.path(), std::ios::binary);
        const Bytes bytes{std::istreambuf_iterator<char>(stream), {}};
        ASSERT_TRUE(machine::write_file_durably(rig.files(), path, bytes));
    }
}

// README.md of the corpus says what is in it.
void expect_as_written(Rig& rig, const std::string& name, int log, int batches, Offset first) {
    SCOPED_TRACE(name);
    Offset at = 0;
    for (int i = log; i < batches; i += 3) {
        const auto read = rig.await(rig.log(name).read(at, {.records = 1}));
        ASSERT_TRUE(succeeded(read));
        const Offset end = at + static_cast<Offset>(i % 3) + 1;
        if (end > first) {
            ASSERT_FALSE(read->empty());
            EXPECT_EQ(read->front().base, at);
            EXPECT_EQ(read->front().end(), end);
            EXPECT_EQ(epoch_ms(read->front().first_arrival), 1700000000000 + i * 1000);
            RecordCursor cursor(*read->front().payload);
            const auto record = cursor.next();
            ASSERT_TRUE(record);
            EXPECT_EQ(record->partition_key, "key-" + std::to_string(i));
            EXPECT_EQ(record->data,
                      Bytes(i % 7 == 0 ? 3000 : 200, static_cast<char>('a' + i % 26)));
        }
        at = end;
    }
    EXPECT_EQ(rig.log(name).bounds().first, first);
    EXPECT_GE(rig.log(name).bounds().next, at);
}

void expect_all(Rig& rig) {
    expect_as_written(rig, "shard/a", 0, 60, 0);
    expect_as_written(rig, "shard/b", 1, 60, 20);
    expect_as_written(rig, "shard/c", 2, 30, 0);
    EXPECT_THAT(rig.logs().log_names(), testing::ElementsAre("shard/a", "shard/b", "shard/c"));
    EXPECT_EQ(rig.table().scan("kinesis/stream/")->size(), 19u);
    EXPECT_EQ(rig.table().get("kinesis/stream/19").value(), Bytes(190, 'v'));
    EXPECT_EQ(rig.table().get("kinesis/stream/7").value(), std::nullopt);
}

TEST(SegmentCorpus, OldStoresAreReadAndGoOn) {
    for (const char* name : {"segment-1", "segment-2", "segment-3"}) {
        SCOPED_TRACE(name);
        Rig rig(subject());
        load(rig, name);
        const auto report = segment::check_store(rig.files(), std::string(data_directory) + "/log");
        ASSERT_TRUE(succeeded(report));
        EXPECT_TRUE(report->findings.empty());
        EXPECT_EQ(report->records, 20u + 20 + 30);
        rig.open();
        expect_all(rig);
        BatchBuilder builder;
        builder.add(from_epoch_ms(1800000000000), "new", "record");
        EXPECT_EQ(rig.await(rig.log("shard/a").append(builder.take())), Offset(20));
        rig.lose_power();
        rig.open();
        expect_all(rig);
        EXPECT_EQ(rig.log("shard/a").bounds().next, 21u);
    }
}

}  // namespace
}  // namespace mill::storage::contract
