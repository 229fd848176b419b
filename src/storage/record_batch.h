// SPDX-License-Identifier: Apache-2.0
// How records lie in a batch's payload: per record u64 arrival (ms since the epoch), u32 key bytes,
// u32 data bytes, key, data; little-endian. Format version 1 (docs/formats/record-batch.md).
#pragma once

#include "storage/stream_log.h"

namespace mill::storage {

struct RecordView {
    WallTime arrival;
    std::string_view partition_key;
    BytesView data;
};

class BatchBuilder {
  public:
    // Arrivals must not step back.
    void add(WallTime arrival, std::string_view partition_key, BytesView data) {
        if (batch_.records == 0) batch_.first_arrival = arrival;
        batch_.last_arrival = arrival;
        ++batch_.records;
        append_le<std::uint64_t>(batch_.payload, static_cast<std::uint64_t>(epoch_ms(arrival)));
        append_le<std::uint32_t>(batch_.payload, static_cast<std::uint32_t>(partition_key.size()));
        append_le<std::uint32_t>(batch_.payload, static_cast<std::uint32_t>(data.size()));
        batch_.payload += partition_key;
        batch_.payload += data;
    }
    std::uint32_t records() const { return batch_.records; }
    std::size_t bytes() const { return batch_.payload.size(); }
    Batch take() { return std::exchange(batch_, Batch{}); }

  private:
    Batch batch_;
};

// Walks a payload. The views live as long as the payload.
class RecordCursor {
  public:
    explicit RecordCursor(BytesView payload) : rest_(payload) {}
    // The next record; empty at the end or where the payload is malformed (its CRC has been checked
    // before).
    std::optional<RecordView> next() {
        constexpr std::size_t header = 16;
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
