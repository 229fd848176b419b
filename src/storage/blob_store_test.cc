// SPDX-License-Identifier: Apache-2.0
#include "storage/blob_store.h"

#include <gtest/gtest.h>

#include "sim/machine/sim_machine.h"

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
