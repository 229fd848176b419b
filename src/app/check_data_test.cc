// SPDX-License-Identifier: Apache-2.0
// Damage to any page of any file that a stopped server has left is named by a check.
#include "app/check_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "app/mill.h"
#include "sim/machine/sim_machine.h"
#include "storage/record_batch.h"
#include "wire/http_client.h"

namespace mill::app {
namespace {

constexpr std::size_t page_bytes = 4096;
using Snapshot = std::map<std::string, Bytes>;

void read_tree(machine::Files& files, const std::string& directory, Snapshot& into) {
    const auto entries = files.list(directory);
    MILL_ASSERT(entries);
    for (const machine::DirectoryEntry& entry : *entries) {
        const std::string path = directory + "/" + entry.name;
        entry.is_directory ? read_tree(files, path, into)
                           : (void)(into[path] = *machine::read_file(files, path));
    }
}

void write_file(machine::Files& files, const std::string& path, BytesView bytes) {
    const auto file = files.open(path, machine::Open::create);
    MILL_ASSERT(file && (*file)->truncate(0) && (*file)->write_at(0, bytes));
}

struct StoppedServer : testing::Test {
    StoppedServer() {
        Machine& machine = world.machine();
        auto engine = open_engine(machine, "/data", true, 64 * 1024);
        for (int i = 0; i < 120; ++i) {
            storage::BatchBuilder builder;
            builder.add(from_epoch_ms(1000), "key", Bytes(1500, static_cast<char>('a' + i % 26)));
            auto* log = *engine->logs->open_log("shard-" + std::to_string(i % 3));
            MILL_ASSERT(world.await(log->append(builder.take())));
            MILL_ASSERT(world.await(
                engine->table->commit({.puts = {{"row/" + std::to_string(i), Bytes(700, 'r')}}})));
        }
        Options options;
        options.directory = "/data";
        auto mill = std::make_unique<Mill>(machine, *std::move(engine), std::move(options));
        MILL_ASSERT(mill->start());
        put(*mill, "/bucket", {});
        put(*mill, "/bucket/key", Bytes(10'000, 'o'));
        MILL_ASSERT(world.run_task(mill->stop(machine.clock.now() + std::chrono::seconds(5))));
        world.kill_software();
        mill.reset();
        read_tree(machine.files, "/data", files);
    }
    void put(const Mill& mill, const std::string& target, Bytes body) {
        wire::http::Request request{.method = "PUT", .target = target, .body = std::move(body)};
        request.headers.set("host", mill.endpoints().front().text());
        wire::sign(request, {"test", "test", ""}, "us-east-1", "s3", world.machine().clock.wall());
        const auto answer = world.await(wire::http::exchange(
            world.outside().network, mill.endpoints().front(), std::move(request)));
        MILL_ASSERT(answer && answer->status == 200);
    }
    cli::DataReport check() {
        auto report = check_data(world.machine(), "/data");
        EXPECT_TRUE(report) << report.error().message;
        return report ? *std::move(report) : cli::DataReport();
    }

    sim::SimMachine world{9};
    Snapshot files;
};

TEST_F(StoppedServer, DamageToAnyPageIsNamed) {
    const cli::DataReport whole = check();
    ASSERT_TRUE(whole.findings.empty()) << whole.findings[0].text;
    ASSERT_EQ(whole.records, 120u);
    const std::string object = "/" + hex(sha256(Bytes(10'000, 'o')));  // and a random end
    std::set<std::string> named;
    for (const auto& [path, bytes] : files) {
        for (std::size_t page = 0; page < bytes.size(); page += page_bytes) {
            // Zeros that were written ahead are nothing.
            const std::size_t at = bytes.find_first_not_of('\0', page);
            if (at >= page + page_bytes) continue;
            SCOPED_TRACE(path + " at " + std::to_string(at));
            Bytes damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
            write_file(world.machine().files, path, damaged);
            const cli::DataReport report = check();
            write_file(world.machine().files, path, bytes);
            // A mark only bears witness; the table has one page in its log as well, and the log
            // nothing else.
            const bool is_spare = path.ends_with(".mark") || path.contains("/table.db");
            if (report.findings.empty() && is_spare) {
                EXPECT_EQ(report.records, whole.records);
                EXPECT_EQ(report.entries, whole.entries);
                continue;
            }
            ASSERT_FALSE(report.findings.empty());
            EXPECT_THAT(report.findings[0].text, testing::HasSubstr(path));
            named.insert(path.substr(path.find_last_of("./"), object.size()));
        }
    }
    EXPECT_THAT(named, testing::IsSupersetOf({std::string(".segment"), std::string(".index"),
                                              std::string(".db"), object}));
}

}  // namespace
}  // namespace mill::app
