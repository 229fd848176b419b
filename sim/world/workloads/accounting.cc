// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/accounting.h"

#include <algorithm>

#include "sim/world/workloads/pipeline.h"

namespace mill::sim {

std::string name(const RecordId& id) { return id.first + "/" + std::to_string(id.second); }

std::set<RecordId> unaccounted(const Accounts& accounts) {
    std::set<RecordId> left;
    for (const RecordId& id : accounts.put) {
        if (!accounts.delivered.contains(id) && !accounts.filtered.contains(id) &&
            !accounts.discarded.contains(id))
            left.insert(id);
    }
    return left;
}

std::vector<std::string> accounting_violations(const Accounts& accounts) {
    std::vector<std::string> violations;
    for (const RecordId& id : unaccounted(accounts))
        violations.push_back(name(id) + ": put, but neither delivered, filtered nor discarded");
    const auto judge = [&](const std::set<RecordId>& fate, const std::string& is) {
        for (const RecordId& id : fate) {
            if (!accounts.put.contains(id))
                violations.push_back(name(id) + ": " + is + ", but the stream has no such record");
            if (&fate != &accounts.filtered && accounts.filtered.contains(id))
                violations.push_back(name(id) + ": " + is + ", but no filter lets it pass");
        }
    };
    judge(accounts.delivered, "delivered");
    judge(accounts.filtered, "filtered");
    judge(accounts.discarded, "discarded");
    violations.resize(std::min<std::size_t>(violations.size(), 10));
    return violations;
}

std::vector<std::string> with_accounts(std::vector<std::string> violations,
                                       const Accounts& accounts) {
    for (std::string& violation : accounting_violations(accounts))
        violations.push_back(std::move(violation));
    return violations;
}

std::set<RecordId> delivered_in(const History& history) {
    std::set<RecordId> all;
    for (const History::Invocation& invocation : history.invocations) {
        if (invocation.answered == 0) continue;
        for (const History::Delivery& record : invocation.records)
            all.emplace(record.key, record.number);
    }
    return all;
}

std::set<RecordId> put_in(const std::vector<StoredRecord>& stored) {
    std::set<RecordId> all;
    for (const StoredRecord& record : stored)
        all.emplace(record.partition_key, number_in(record.data));
    return all;
}

}  // namespace mill::sim
