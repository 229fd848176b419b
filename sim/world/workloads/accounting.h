// SPDX-License-Identifier: Apache-2.0
// Accounting: whatever a workload did, in the end what was put adds up. Shares no code with the
// server: it compares names that were read from outside.
//
//   delivered + filtered out + discarded (named by failure documents) = put
//
// Duplicates apart: a record may be delivered twice, or delivered and discarded. No record that the
// stream holds is without a fate, none has a fate that nobody put, and what the filter drops has no
// other.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/world/client.h"
#include "sim/world/workloads/history.h"

namespace mill::sim {

using RecordId = std::pair<std::string, std::uint64_t>;  // key, number

struct Accounts {
    std::set<RecordId> put;        // the stream holds them, acknowledged or not
    std::set<RecordId> delivered;  // to an invocation that said yes to them
    std::set<RecordId> filtered;   // those of put that no filter lets pass
    std::set<RecordId> discarded;  // named by a failure document
};

std::string name(const RecordId& id);
// Those of put that no fate has come to yet.
std::set<RecordId> unaccounted(const Accounts& accounts);
// In words; empty if all adds up. Stops after ten.
std::vector<std::string> accounting_violations(const Accounts& accounts);

// Those violations and these.
std::vector<std::string> with_accounts(std::vector<std::string> violations,
                                       const Accounts& accounts);

// Of invocations that said yes to all they had.
std::set<RecordId> delivered_in(const History& history);
std::set<RecordId> put_in(const std::vector<StoredRecord>& stored);

}  // namespace mill::sim
