// SPDX-License-Identifier: Apache-2.0
// I/O errors and damage as a client of the whole server sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sim/world/world.h"

namespace mill::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* stream = "orders";

// A client that puts one record at a time and remembers what it was told.
class Session {
  public:
    explicit Session(Seed seed) : world(seed) {
        EXPECT_TRUE(world.start());
        EXPECT_TRUE(await(world.client().create_stream(stream, 2)));
    }
    ~Session() { world.crash(); }

    template <class T>
    T await(Task<T> task) {
        return world.machine().await(std::move(task));
    }

    // The error's code, or nothing.
    std::string put() {
        const std::string key = "key " + std::to_string(++count_);
        const auto answer = await(world.client().put(stream, key, Bytes(3000, 'd')));
        if (!answer) return answer.error().code;
        acknowledged_[key] = answer->sequence_number;
        return "";
    }

    void expect_all_there() {
        const auto records = await(world.client().records(stream));
        ASSERT_TRUE(records) << records.error().code << ": " << records.error().message;
        std::map<std::string, std::string> found;
        for (const StoredRecord& record : *records)
            found[record.partition_key] = record.sequence_number;
        for (const auto& [key, number] : acknowledged_) EXPECT_EQ(found[key], number) << key;
    }

    std::size_t acknowledged() const { return acknowledged_.size(); }

    World world;

  private:
    int count_ = 0;
    std::map<std::string, std::string> acknowledged_;
};

TEST(IoErrors, PutsFailInternallyReadsGoOnAndWritingResumes) {
    for (const std::string operation : {"write", "sync", "rename", "sync_directory"}) {
        for (const char* code : {"io", "io.no_space"}) {
            for (const std::uint64_t n : {0u, 1u, 5u, 30u, 61u}) {
                SCOPED_TRACE(operation + " from " + std::to_string(n) + " on: " + code);
                Session session(1 + n);
                for (int i = 0; i < 5; ++i) ASSERT_EQ(session.put(), "");
                session.world.machine().fail_disk(operation, n, code);
                int failed = 0;
                for (int i = 0; i < 60; ++i) {
                    const std::string error = session.put();
                    if (!error.empty()) EXPECT_EQ(error, "InternalFailure");
                    failed += !error.empty();
                    if (i % 20 == 19) session.expect_all_there();
                }
                if (operation == "sync" || operation == "write") EXPECT_GT(failed, 0);
                session.world.machine().heal_disk();
                for (int i = 0; i < 5; ++i) EXPECT_EQ(session.put(), "") << "it does not resume";
                session.expect_all_there();
                session.world.power_loss();
                ASSERT_TRUE(session.world.start());
                session.expect_all_there();
                if (HasFailure()) return;
            }
        }
    }
}

TEST(IoErrors, FullDiskRefusesPutsUntilThereIsSpaceAgain) {
    for (const std::uint64_t room : {0u, 1000u, 50'000u, 150'000u}) {
        SCOPED_TRACE("room " + std::to_string(room));
        Session session(1 + room);
        ASSERT_EQ(session.put(), "");
        session.world.machine().fill_disk(room);
        std::string error;
        for (int i = 0; i < 200 && error.empty(); ++i) error = session.put();
        EXPECT_EQ(error, "InternalFailure");
        session.expect_all_there();
        session.world.machine().heal_disk();
        EXPECT_EQ(session.put(), "");
        session.expect_all_there();
        session.world.crash();
        ASSERT_TRUE(session.world.start());
        session.expect_all_there();
    }
}

// One batch of one shard is damaged: its readers are told the file, the place and what to do; the
// other shard, and the records beyond, are read and written.
TEST(IoErrors, DamageStopsTheReadersOfItsShardAndTellsThemWhatToDo) {
    Session session(5);
    for (int i = 0; i < 20; ++i) ASSERT_EQ(session.put(), "");
    session.world.machine().run_for(std::chrono::seconds(5));
    session.world.crash();
    machine::Files& files = session.world.machine().machine().files;
    const std::string path = "/var/millrace/log/00000000000000000001.segment";
    auto bytes = machine::read_file(files, path);
    ASSERT_TRUE(bytes);
    const std::size_t at = bytes->find("key 11");
    ASSERT_NE(at, Bytes::npos);
    auto file = files.open(path, machine::Open::write);
    ASSERT_TRUE((*file)->write_at(at, "KEY"));
    ASSERT_TRUE(session.world.start());
    int stopped = 0;
    for (const std::string shard : {"shardId-000000000000", "shardId-000000000001"}) {
        const auto records = session.await(session.world.client().shard_records(stream, shard));
        if (records) continue;
        ++stopped;
        EXPECT_EQ(records.error().code, "InternalFailure");
        EXPECT_THAT(
            records.error().message,
            AllOf(HasSubstr(path + " at byte "), HasSubstr("millrace fsck"), HasSubstr("backup")));
    }
    EXPECT_EQ(stopped, 1);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(session.put(), "");
}

}  // namespace
}  // namespace mill::sim
