// SPDX-License-Identifier: Apache-2.0
// What a catalogue keeps in memory does not grow with what is stored.
#include "engines/segment/catalogue.h"

#include <gtest/gtest.h>

namespace mill::segment {
namespace {

constexpr std::uint64_t logs = 50;
constexpr std::uint64_t segments = 40;
constexpr std::uint64_t batches_per_segment = 2000;

TEST(Catalogue, SealedSegmentsCostARunForEachLogHoweverManyBatchesTheyHave) {
    Catalogue catalogue;
    catalogue.begin({});
    catalogue.add_segment(1, 100);
    for (std::uint64_t log = 1; log <= logs; ++log)
        ASSERT_TRUE(catalogue.apply({.kind = EntryKind::declare, .log = log},
                                    "log " + std::to_string(log), log * 64));
    std::uint64_t position = 8192;
    for (std::uint64_t segment = 1; segment <= segments; ++segment) {
        for (std::uint64_t i = 0; i < batches_per_segment; ++i, position += 128) {
            const std::uint64_t log = 1 + i % logs;
            ASSERT_TRUE(catalogue.apply({.log = log,
                                         .base = catalogue.find(log)->next,
                                         .records = 3,
                                         .payload_bytes = 64,
                                         .group = position},
                                        {}, position));
        }
        catalogue.set_end_of_newest(position, 7);
        catalogue.add_segment(segment + 1, static_cast<std::uint32_t>(100 + segment));
        position = 8192;
        for (const IndexSource& index : catalogue.indexes_in_memory())
            catalogue.index_is_on_disk(index);
    }
    EXPECT_TRUE(catalogue.indexes_in_memory().empty());
    for (const auto& [id, log] : catalogue.logs()) {
        EXPECT_EQ(log.runs.size(), segments);
        EXPECT_EQ(log.places.capacity(), 0u) << "only the newest segment's batches are in memory";
        EXPECT_EQ(log.next, 3 * segments * batches_per_segment / logs);
    }
}

}  // namespace
}  // namespace mill::segment
