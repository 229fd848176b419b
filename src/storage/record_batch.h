// SPDX-License-Identifier: Apache-2.0
// How records lie in a batch's payload: per record u64 arrival (ms since the epoch), u32 key bytes,
// u32 data bytes, key, data; little-endian. Format version 1 (docs/formats/record-batch.md).
#pragma once

#include "base/extend.h"
#include "storage/stream_log.h"

namespace mill::storage {

struct RecordView {
    WallTime arrival;
    std::string_view partition_key;
    BytesView data;
};

// Of a payload, beside the record's key and data.
constexpr std::size_t record_header_bytes = 16;

class BatchBuilder {
  public:
    // Room for so many bytes of payload: headers, keys and data of what will be added.
    void reserve(std::size_t bytes) { batch_.payload.reserve(bytes); }
    // Arrivals must not step back.
    void add(WallTime arrival, std::string_view partition_key, BytesView data) {
        data.copy(add(arrival, partition_key, data.size()), data.size());
    }
    // A record whose data the caller writes to where the answer points, before anything else.
    char* add(WallTime arrival, std::string_view partition_key, std::size_t data_bytes) {
        if (batch_.records == 0) batch_.first_arrival = arrival;
        batch_.last_arrival = arrival;
        ++batch_.records;
        char* to = extend(batch_.payload, record_header_bytes + partition_key.size() + data_bytes);
        store(to, static_cast<std::uint64_t>(epoch_ms(arrival)));
        store(to + 8, static_cast<std::uint32_t>(partition_key.size()));
        store(to + 12, static_cast<std::uint32_t>(data_bytes));
        return to + record_header_bytes +
               partition_key.copy(to + record_header_bytes, partition_key.size());
    }
    std::uint32_t records() const { return batch_.records; }
    std::size_t bytes() const { return batch_.payload.size(); }
    Batch take() { return std::exchange(batch_, Batch{}); }

  private:
    template <class T>
    static void store(char* to, T value) {
        std::memcpy(to, &value, sizeof(T));
    }
    Batch batch_;
};

// Walks a payload. The views live as long as the payload.
class RecordCursor {
  public:
    explicit RecordCursor(BytesView payload) : rest_(payload) {}
    // The next record; empty at the end or where the payload is malformed (its CRC has been checked
    // before).
    std::optional<RecordView> next() {
        constexpr std::size_t header = record_header_bytes;
        if (rest_.size() < header) return std::nullopt;
        const auto arrival = load_le<std::uint64_t>(rest_.data());
        const std::size_t key = load_le<std::uint32_t>(rest_.data() + 8);
        const std::size_t data = load_le<std::uint32_t>(rest_.data() + 12);
        if (rest_.size() - header < key || rest_.size() - header - key < data) return std::nullopt;
        RecordView view{from_epoch_ms(static_cast<std::int64_t>(arrival)),
                        rest_.substr(header, key), rest_.substr(header + key, data)};
        rest_.remove_prefix(header + key + data);
        return view;
    }

  private:
    BytesView rest_;
};

}  // namespace mill::storage
