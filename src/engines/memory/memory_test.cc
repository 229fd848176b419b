// SPDX-License-Identifier: Apache-2.0
#include "engines/memory/memory.h"

#include "storage/contract/log_contract.h"
#include "storage/contract/table_contract.h"

namespace mill::storage::contract {

const Subject memory_engine{.name = "memory", .open = memory::make_engine};

INSTANTIATE_TEST_SUITE_P(Memory, LogContract, testing::Values(memory_engine), subject_name);
INSTANTIATE_TEST_SUITE_P(Memory, TableContract, testing::Values(memory_engine), subject_name);

}  // namespace mill::storage::contract
