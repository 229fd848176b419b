// SPDX-License-Identifier: Apache-2.0
#include "storage/record_batch.h"

#include <gtest/gtest.h>

namespace mill::storage {
namespace {

TEST(RecordBatch, RoundTrip) {
    BatchBuilder builder;
    builder.add(from_epoch_ms(1000), "key", "data");
    builder.add(from_epoch_ms(1001), "", "");
    EXPECT_EQ(builder.records(), 2u);
    const Batch batch = builder.take();
    EXPECT_EQ(batch.first_arrival, from_epoch_ms(1000));
    EXPECT_EQ(batch.last_arrival, from_epoch_ms(1001));
    EXPECT_EQ(builder.records(), 0u);

    RecordCursor cursor(batch.payload);
    const auto first = cursor.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->arrival, from_epoch_ms(1000));
    EXPECT_EQ(first->partition_key, "key");
    EXPECT_EQ(first->data, "data");
    const auto second = cursor.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->data, "");
    EXPECT_FALSE(cursor.next());
}

// The format is on disks: docs/formats/record-batch.md.
TEST(RecordBatch, BytesOfVersionOne) {
    BatchBuilder builder;
    builder.add(from_epoch_ms(0x0102), "k", "dd");
    EXPECT_EQ(builder.take().payload, Bytes("\x02\x01\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0kdd", 19));
}

TEST(RecordBatch, CutPayloadEndsEarly) {
    BatchBuilder builder;
    builder.add(from_epoch_ms(1), "key", "data");
    const Bytes payload = builder.take().payload;
    for (std::size_t length = 0; length < payload.size(); ++length) {
        EXPECT_FALSE(RecordCursor(BytesView(payload).substr(0, length)).next()) << length;
    }
}

}  // namespace
}  // namespace mill::storage
