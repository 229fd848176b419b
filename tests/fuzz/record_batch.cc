// SPDX-License-Identifier: Apache-2.0
// Payloads of record batches: any bytes can be walked, within their bounds; what the builder wrote
// reads back.
#include "storage/record_batch.h"
#include "fuzz.h"

namespace mill::storage {
namespace {

// Records that are whole encode to the bytes they were read from.
void walk(BytesView payload) {
    RecordCursor cursor(payload);
    BatchBuilder builder;
    while (const auto record = cursor.next())
        builder.add(record->arrival, record->partition_key, record->data);
    MILL_ASSERT(payload.starts_with(builder.take().payload));
}

void build(fuzz::Input& input) {
    std::vector<RecordView> records;
    BatchBuilder builder;
    while (!input.is_empty()) {
        records.push_back({from_epoch_ms(input.number<std::int64_t>()),
                           input.take(input.number<std::uint8_t>()), input.text()});
        builder.add(records.back().arrival, records.back().partition_key, records.back().data);
    }
    const Batch batch = builder.take();
    MILL_ASSERT(batch.records == records.size());
    RecordCursor cursor(batch.payload);
    for (const RecordView& written : records) {
        const auto read = cursor.next();
        MILL_ASSERT(read && read->arrival == written.arrival && read->data == written.data &&
                    read->partition_key == written.partition_key);
    }
    MILL_ASSERT(!cursor.next());
}

}  // namespace
}  // namespace mill::storage

void mill::fuzz::run(std::string_view bytes) {
    mill::storage::walk(bytes);
    mill::fuzz::Input input(bytes);
    mill::storage::build(input);
}
