// SPDX-License-Identifier: Apache-2.0
// Judges a history of the workload ordered_delivery. Shares no code with the server: it knows AWS's
// promises only.
//
// - Every acknowledged record was delivered, under the number that was acknowledged, to an
// invocation that said yes.
// - Nothing was delivered that nobody had begun to put.
// - Sequence numbers of a key grow with the order of its puts, as far as one was acknowledged
// before the next began.
// - First deliveries of a key come in the order of sequence numbers, and none before all records
// ahead of it were
//   processed or came along in the same batch: the checkpoint never runs ahead.
// - A batch comes from one shard.
#pragma once

#include <string>
#include <vector>

#include "sim/world/workloads/history.h"

namespace mill::sim {

// In words; empty if all is well. Stops after `most`.
std::vector<std::string> ordered_delivery_violations(const History& history, std::size_t most = 10);

// Acknowledged records that no invocation has said yes to yet.
std::size_t unprocessed_records(const History& history);

}  // namespace mill::sim
