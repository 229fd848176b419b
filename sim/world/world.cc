// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.h"

namespace mill::sim {
namespace {

const machine::Endpoint server{"127.0.0.1", 4566};
constexpr const char* parent_directory = "/var";
constexpr const char* directory = "/var/millrace";

}  // namespace

std::string World::data_directory() { return directory; }

wire::Credentials World::root_key() {
    return {.access_key = "AKIASIMULATED", .secret_key = "a secret", .session_token = {}};
}

World::World(Seed seed, Log log) : machine_(seed), client_(machine_.outside(), server) {
    Machine& m = machine_.machine();
    m.log = std::move(log);
    constexpr Seed single_core_worlds = 6;  // one in so many
    machine_.set_has_spare_core(seed % single_core_worlds != 0);
    MILL_ASSERT(m.files.make_directories(parent_directory));
    MILL_ASSERT(m.files.sync_directory("/"));
}

World::~World() { crash(); }

Result<void> World::start() {
    MILL_ASSERT(!mill_);
    Machine& m = machine_.machine();
    ++conditions_.starts;
    MILL_TRY(storage::Engine engine, app::open_engine(m, directory, true, segment_bytes));
    app::Options options;
    options.directory = directory;
    options.runtimes = "/usr/share/millrace/runtimes";
    options.listen = {server};
    options.kinesis.transition = state_delay_;
    options.sqs.waste_bytes_min = segment_bytes;
    options.root_key = root_key();
    table_ = engine.table.get();
    mill_ = std::make_unique<app::Mill>(m, std::move(engine), std::move(options));
    auto started = mill_->start();
    if (!started) crash();
    return started;
}

bool World::takes_hang() {
    if (hanging_ == 0) return false;
    --hanging_;
    return true;
}

void World::crash() {
    machine_.kill_software();
    mill_.reset();
    machine_.kill_software();  // what the destructors left behind
}

void World::power_loss(DiskFaults faults) {
    machine_.kill_software();
    mill_.reset();
    machine_.power_loss(faults);
}

}  // namespace mill::sim
