// SPDX-License-Identifier: Apache-2.0
// The bytes of a segment's index (docs/formats/segment.md): which logs have batches in it, and in
// pages of 4 KiB where these lie. All of it follows from the segment's entries: a lost index is
// made again. Pure: no I/O, no state.
#pragma once

#include <array>

#include "engines/segment/format.h"

namespace mill::segment {

// Where a batch lies in its segment.
struct Place {
    Offset base = 0;
    std::int64_t last_arrival = 0;
    std::uint32_t position_8 = 0;  // in units of entry_alignment
    std::uint32_t payload_bytes = 0;
    std::uint32_t records = 0;

    Offset end() const { return base + records; }
    std::uint64_t position() const { return position_8 * entry_alignment; }
    std::uint64_t entry_end() const {
        return position() + aligned(EntryHeader::bytes + payload_bytes);
    }
};
Place place_of(const EntryHeader& header, std::uint64_t position);

// Consecutive batches of a log in one segment: places `first` to `first + batches` of its index.
struct Run {
    Offset base = 0;
    Offset end = 0;
    std::int64_t last_arrival = 0;
    std::uint64_t bytes = 0;  // of payload
    std::uint32_t first = 0;
    std::uint32_t batches = 0;  // 0: these records are lost
    std::uint32_t segment = 0;  // that has them, or by whose damage they are lost

    bool is_lost() const { return batches == 0; }
    // What of its payload is kept when what lies before `from` is not; to a batch's accuracy.
    std::uint64_t bytes_from(Offset from) const;
};

struct IndexRow {
    std::uint64_t log = 0;
    Run run;
};

// What an index begins with.
struct IndexHead {
    std::uint64_t segment = 0;
    std::uint64_t end = 0;  // of the segment
    std::uint32_t salt = 0;
    std::uint32_t last_crc = 0;
    std::uint64_t bytes = 0;  // the pages begin there
    std::uint64_t places = 0;
    std::vector<IndexRow> rows;  // by log, then base

    std::uint64_t whole_bytes() const;
};

inline constexpr std::uint32_t index_version = 1;
inline constexpr std::size_t index_head_bytes_min = 64;
inline constexpr std::size_t index_page_bytes = 4096;
inline constexpr std::size_t places_per_page = 127;
using IndexPage = std::array<Place, places_per_page>;

class IndexBuilder {
  public:
    // By log, then base.
    void add(std::uint64_t log, std::span<const Place> places);
    const std::vector<IndexRow>& rows() const { return rows_; }
    Bytes finish(std::uint64_t segment, std::uint64_t end, std::uint32_t salt,
                 std::uint32_t last_crc) const;

  private:
    std::vector<IndexRow> rows_;
    std::vector<Place> places_;
};

// "storage.corrupt", "storage.newer_format".
Result<std::uint64_t> index_head_length(BytesView bytes, const std::string& path);
Result<IndexHead> decode_index_head(BytesView bytes, const std::string& path);
Result<IndexPage> decode_index_page(BytesView bytes, std::uint32_t salt, std::uint64_t number,
                                    const std::string& path, std::uint64_t position);

}  // namespace mill::segment
