// SPDX-License-Identifier: Apache-2.0
// samconfig.toml: any file is read, or refused with a text.
#include "cli/sam_config.h"
#include "fuzz.h"
#include "sim/machine/sim_machine.h"

void mill::fuzz::run(std::string_view bytes) {
    mill::sim::SimMachine sim(1);
    mill::machine::Files& files = sim.machine().files;
    MILL_ASSERT(mill::machine::write_file_durably(files, "/samconfig.toml", bytes));
    const auto config = mill::cli::load_sam_config(files, "/samconfig.toml", "default", "deploy");
    if (config) return;
    MILL_ASSERT(config.error().code == "samconfig");
    MILL_ASSERT(config.error().message.starts_with("/samconfig.toml "));
}
