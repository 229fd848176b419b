// SPDX-License-Identifier: Apache-2.0
#include "app/mill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/machine/sim_machine.h"
#include "wire/http_client.h"
#include "wire/value.h"

namespace mill::app {
namespace {

using testing::HasSubstr;

struct WholeServer : testing::Test {
    std::unique_ptr<Mill> make(Options options) {
        options.directory = "/data";
        return std::make_unique<Mill>(world.machine(), *open_engine(world.machine(), "/data", true),
                                      std::move(options));
    }
    Result<wire::http::Response> get(const Mill& mill, const std::string& path) {
        return world.await(wire::http::exchange(world.outside().network, mill.endpoints().front(),
                                                {.method = "GET", .target = path}));
    }
    sim::SimMachine world{7};
};

TEST_F(WholeServer, TellsItsHealthAndMetrics) {
    const auto mill = make({});
    const auto started = mill->start();
    ASSERT_TRUE(started) << started.error().message;
    const auto health = get(*mill, "/_millrace/health");
    ASSERT_TRUE(health);
    const auto document = wire::parse_json(health->body);
    ASSERT_TRUE(document) << health->body;
    EXPECT_EQ(wire::text_of(*document, "version"), version());
    EXPECT_THAT(wire::text_of(*document, "durability"), HasSubstr("synced"));
    EXPECT_FALSE(wire::text_of(*document, "isolation").empty());
    ASSERT_TRUE(document->find("endpoints")->items());
    EXPECT_EQ(document->find("endpoints")->items()->size(), 2u);
    const auto metrics = get(*mill, "/metrics");
    ASSERT_TRUE(metrics);
    EXPECT_THAT(metrics->body, HasSubstr("millrace_build_info{version=\"" + version() + "\"} 1"));
    EXPECT_THAT(metrics->body, HasSubstr("process_start_time_seconds"));
    EXPECT_EQ(get(*mill, "/_millrace/else")->status, 404);
}

TEST_F(WholeServer, PortInUseStopsTheStart) {
    const auto taken = world.outside().network.listen({"127.0.0.1", 4566},
                                                      [](std::unique_ptr<machine::Connection>) {});
    ASSERT_TRUE(taken);
    const auto started = make({})->start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, "net.in_use");
    EXPECT_THAT(started.error().message, HasSubstr("--listen"));
}

TEST_F(WholeServer, StopEndsInTime) {
    const auto mill = make({});
    ASSERT_TRUE(mill->start());
    Machine& machine = world.machine();
    const Instant deadline = machine.clock.now() + std::chrono::seconds(5);
    ASSERT_TRUE(world.run_task(mill->stop(deadline)));
    EXPECT_LE(machine.clock.now(), deadline + std::chrono::milliseconds(100));
    EXPECT_FALSE(get(*mill, "/_millrace/health"));
}

// At once: without a stop the mark comes a second later.
TEST_F(WholeServer, StopWritesWhatTellsDamageFromACrash) {
    const auto mill = make({});
    ASSERT_TRUE(mill->start());
    Machine& machine = world.machine();
    const std::string mark = "/data/log/00000000000000000001.mark";
    EXPECT_FALSE(machine.files.exists(mark));
    const Instant started = machine.clock.now();
    ASSERT_TRUE(world.run_task(mill->stop(started + std::chrono::seconds(5))));
    EXPECT_TRUE(machine.files.exists(mark));
    EXPECT_LT(machine.clock.now(), started + std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace mill::app
