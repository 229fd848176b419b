// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/ordered_delivery.h"

#include <map>

#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {

bool OrderedDelivery::is_done() {
    return pipeline_.producers_done() && unprocessed_records(history()) == 0;
}

Task<Result<void>> OrderedDelivery::finish() {
    if (!pipeline_.producers_done()) co_return fail("sim.stuck", "the puts keep failing");
    if (unprocessed_records(history()) != 0)
        co_return fail("sim.stuck", "delivery has stopped: " + co_await pipeline_.mapping_status());
    MILL_CO_TRY(accounts_, co_await pipeline_.settle_accounts());
    MILL_CO_TRY(const auto records, co_await world_.client().records(Pipeline::stream_name));
    std::map<std::string, const StoredRecord*> stored;
    for (const StoredRecord& record : records)
        stored[record.shard_id + ":" + record.sequence_number] = &record;
    for (const History::Put& put : history().puts) {
        if (put.acknowledged == 0) continue;
        const auto found = stored.find(put.shard_id + ":" + put.sequence_number);
        const bool same = found != stored.end() && found->second->partition_key == put.key &&
                          number_in(found->second->data) == put.number;
        if (!same)
            co_return fail("sim.lost",
                           put.key + "/" + std::to_string(put.number) + " is not in the stream");
    }
    co_return Result<void>{};
}

std::vector<std::string> OrderedDelivery::violations() {
    return with_accounts(ordered_delivery_violations(history()), accounts_);
}

}  // namespace mill::sim
