// SPDX-License-Identifier: Apache-2.0
#include "storage/blob_store.h"

#include <gtest/gtest.h>

#include <functional>

#include "sim/machine/sim_machine.h"
#include "storage/contract/counting_files.h"

namespace mill::storage {
namespace {

TEST(BlobStore, BlobsAreNamedByTheirHashAndSurvivePowerLoss) {
    sim::SimMachine sim(1);
    ASSERT_TRUE(sim.machine().files.make_directories("/data/blobs"));
    ASSERT_TRUE(sim.machine().files.sync_directory("/"));
    ASSERT_TRUE(sim.machine().files.sync_directory("/data"));
    std::string name;
    {
        BlobStore blobs(sim.machine(), "/data/blobs");
        const auto put = sim.await(blobs.put("abc"));
        ASSERT_TRUE(put);
        name = *put;
        EXPECT_EQ(name, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        EXPECT_EQ(sim.await(blobs.put("abc")), name);
        sim.power_loss();
    }
    BlobStore blobs(sim.machine(), "/data/blobs");
    EXPECT_EQ(sim.await(blobs.get(name)), Bytes("abc"));
    const auto missing = sim.await(blobs.get(std::string(64, '0')));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "io.not_found");
}

// Its name was not synced the first time, and the second finds it there.
TEST(BlobStore, WhatIsPutAgainAfterAFailureSurvivesPowerLoss) {
    sim::SimMachine sim(1);
    machine::Files& files = sim.machine().files;
    ASSERT_TRUE(files.make_directories("/data/blobs") && files.sync_directory("/") &&
                files.sync_directory("/data"));
    std::string name;
    for (std::uint64_t after_calls = 0; after_calls < 10; ++after_calls) {
        BlobStore blobs(sim.machine(), "/data/blobs");
        const Bytes bytes = "bytes " + std::to_string(after_calls);
        sim.inject_file_error("sync_directory", after_calls, "io");
        if (const auto first = sim.await(blobs.put(bytes)); first) break;
        const auto again = sim.await(blobs.put(bytes));
        ASSERT_TRUE(again);
        name = *again;
        sim.power_loss();
        BlobStore after(sim.machine(), "/data/blobs");
        EXPECT_EQ(sim.await(after.get(name)), bytes) << after_calls;
    }
    EXPECT_FALSE(name.empty());
}

// Lets something happen when the first file has been made.
class Meeting final : public contract::CountingFiles {
  public:
    using CountingFiles::CountingFiles;
    std::function<void()> meanwhile;
    Result<std::unique_ptr<machine::File>> open(const std::string& path,
                                                machine::Open how) override {
        auto file = CountingFiles::open(path, how);
        if (how == machine::Open::create_new && meanwhile) std::exchange(meanwhile, nullptr)();
        return file;
    }
};

Task<void> put_into(BlobStore& blobs, Bytes bytes, Result<std::string>* name) {
    *name = co_await blobs.put(std::move(bytes));
}

TEST(BlobStore, TheSameBytesArePutBySeveralAtOnce) {
    sim::SimMachine sim(1);
    const Machine& m = sim.machine();
    ASSERT_TRUE(m.files.make_directories("/data"));
    Meeting files(m.files);
    Machine machine{m.clock, m.timers, m.executor, m.entropy, files, m.network, m.processes, m.log};
    BlobStore blobs(machine, "/data/blobs");
    Result<std::string> second = fail("test", "not put");
    Scope scope;
    files.meanwhile = [&] { scope.spawn(put_into(blobs, "abc", &second)); };
    const auto first = sim.await(blobs.put("abc"));
    sim.run_for(std::chrono::seconds(1));
    ASSERT_TRUE(first);
    EXPECT_EQ(second, first);
    EXPECT_EQ(files.traffic.creations.size(), 2u) << "both found nothing there";
    EXPECT_EQ(sim.await(blobs.get(*first)), Bytes("abc"));
    EXPECT_EQ(files.list("/data/blobs")->size(), 1u);
}

TEST(BlobStore, WhatWasBegunAndNotFinishedGoesAtTheNextStart) {
    sim::SimMachine sim(1);
    machine::Files& files = sim.machine().files;
    ASSERT_TRUE(files.make_directories("/data"));
    BlobFile begun(files, "/data/blobs", "0123456789abcdef");
    ASSERT_TRUE(begun.append("half"));
    EXPECT_EQ(files.list("/data/blobs")->size(), 1u);
    BlobStore blobs(sim.machine(), "/data/blobs");
    ASSERT_TRUE(blobs.keep_only({}));
    EXPECT_EQ(files.list("/data/blobs")->size(), 0u);
}

TEST(BlobStore, KeepsOnlyWhatIsNamed) {
    sim::SimMachine sim(1);
    ASSERT_TRUE(sim.machine().files.make_directories("/data"));
    BlobStore blobs(sim.machine(), "/data/blobs");
    EXPECT_TRUE(blobs.keep_only({})) << "nothing is there yet";
    const std::string kept = *sim.await(blobs.put("kept"));
    const std::string gone = *sim.await(blobs.put("gone"));
    ASSERT_TRUE(blobs.keep_only({kept}));
    EXPECT_EQ(sim.await(blobs.get(kept)), Bytes("kept"));
    EXPECT_EQ(sim.await(blobs.get(gone)).error().code, "io.not_found");
}

TEST(BlobStore, DamagedBytesAreNotGivenOut) {
    sim::SimMachine sim(1);
    machine::Files& files = sim.machine().files;
    ASSERT_TRUE(files.make_directories("/data/blobs"));
    BlobStore blobs(sim.machine(), "/data/blobs");
    const std::string name = *sim.await(blobs.put("abc"));
    ASSERT_TRUE((*files.open("/data/blobs/" + name, machine::Open::write))->write_at(1, "B"));
    const auto got = sim.await(blobs.get(name));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, "storage.corrupt");
    EXPECT_EQ(got.error().message, "/data/blobs/" + name +
                                       " at byte 0: its bytes do not have the SHA-256 that it is "
                                       "named by");
}

}  // namespace
}  // namespace mill::storage
