// SPDX-License-Identifier: Apache-2.0
// The checker must fail on ledgers that break a promise: each test takes a good one and breaks it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/workloads/no_acked_loss.h"

namespace mill::sim {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two records, put one after the other, both read.
Ledger good() {
    Ledger ledger;
    for (const char* key : {"a", "b"}) {
        const auto began = ledger.tick();
        const std::string number = std::string("4900") + key;
        ledger.puts.push_back({"stream", key, 5, began, ledger.tick(), "shard", number});
        ledger.seen["stream shard " + number] = key;
        ledger.left.push_back({"stream", {"shard", number, key, ledger_data(key, 5), {}}});
    }
    return ledger;
}

TEST(LedgerChecker, AcceptsWhatIsKept) { EXPECT_THAT(ledger_violations(good()), IsEmpty()); }

TEST(LedgerChecker, AcceptsThatAnUnacknowledgedRecordIsThereOrNot) {
    Ledger ledger = good();
    ledger.puts[1].acknowledged = 0;
    EXPECT_THAT(ledger_violations(ledger), IsEmpty());
    ledger.left.pop_back();
    ledger.seen.erase("stream shard 4900b");
    EXPECT_THAT(ledger_violations(ledger), IsEmpty());
}

TEST(LedgerChecker, SeesALostRecord) {
    Ledger ledger = good();
    ledger.left.pop_back();
    EXPECT_THAT(ledger_violations(ledger),
                ElementsAre(HasSubstr("b: acknowledged"), HasSubstr("b: was read")));
}

TEST(LedgerChecker, SeesARecordThatWasReadTooSoon) {
    Ledger ledger = good();
    ledger.puts[1].acknowledged = 0;
    ledger.left.pop_back();
    EXPECT_THAT(ledger_violations(ledger), ElementsAre(HasSubstr("b: was read")));
}

TEST(LedgerChecker, SeesChangedBytes) {
    Ledger ledger = good();
    ledger.left[1].record.data[2] ^= 1;
    EXPECT_THAT(ledger_violations(ledger), ElementsAre(HasSubstr("bytes have changed")));
}

TEST(LedgerChecker, SeesARecordStoredTwice) {
    Ledger ledger = good();
    ledger.left.push_back(ledger.left[1]);
    ledger.left.back().record.sequence_number = "4900c";
    EXPECT_THAT(ledger_violations(ledger), ElementsAre(HasSubstr("stored twice")));
}

TEST(LedgerChecker, SeesAnInventedRecord) {
    Ledger ledger = good();
    ledger.left.push_back({"stream", {"shard", "4900z", "z", "zzz", {}}});
    EXPECT_THAT(ledger_violations(ledger), ElementsAre(HasSubstr("nobody has put")));
}

TEST(LedgerChecker, SeesRecordsReadInTheWrongOrder) {
    Ledger ledger = good();
    std::swap(ledger.left[0], ledger.left[1]);
    EXPECT_THAT(ledger_violations(ledger), ElementsAre(HasSubstr("is read after")));
}

TEST(LedgerChecker, SeesNumbersAgainstTheOrderOfAcknowledgements) {
    Ledger ledger = good();
    std::swap(ledger.puts[0].began, ledger.puts[1].began);
    std::swap(ledger.puts[0].acknowledged, ledger.puts[1].acknowledged);
    EXPECT_THAT(ledger_violations(ledger), Contains(HasSubstr("lies behind one that began after")));
}

}  // namespace
}  // namespace mill::sim
