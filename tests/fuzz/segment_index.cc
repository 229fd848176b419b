// SPDX-License-Identifier: Apache-2.0
// Indexes of segments: any bytes are read or refused, what was built decodes as it was, and a
// changed byte of a head or a page is noticed.
#include "engines/segment/index.h"
#include "fuzz.h"

namespace mill::segment {
namespace {

struct Built {
    Bytes bytes;
    std::vector<Place> places;
    std::vector<IndexRow> rows;
    std::uint32_t salt = 0;
};

Built build(fuzz::Input& input) {
    Built built{.salt = input.number<std::uint32_t>()};
    IndexBuilder builder;
    for (std::size_t logs = input.below(6); logs > 0; --logs) {
        std::vector<Place> places(1 + input.below(200));
        for (Place& place : places)
            place = {.base = input.number<std::uint32_t>(),
                     .last_arrival = input.number<std::int16_t>(),
                     .position_8 = input.number<std::uint16_t>(),
                     .payload_bytes = input.number<std::uint16_t>(),
                     .records = input.number<std::uint8_t>()};
        builder.add(input.number<std::uint64_t>(), places);
        built.places.insert(built.places.end(), places.begin(), places.end());
    }
    built.rows = builder.rows();
    built.bytes = builder.finish(7, 4096, built.salt, 5);
    return built;
}

bool equal(const Place& a, const Place& b) {
    return a.base == b.base && a.last_arrival == b.last_arrival && a.position_8 == b.position_8 &&
           a.payload_bytes == b.payload_bytes && a.records == b.records;
}

void expect_decodes(const Built& built) {
    const auto head = decode_index_head(built.bytes, "f");
    MILL_ASSERT(head && head->segment == 7 && head->end == 4096 && head->salt == built.salt);
    MILL_ASSERT(head->places == built.places.size() && head->whole_bytes() == built.bytes.size());
    MILL_ASSERT(head->rows.size() == built.rows.size());
    for (std::size_t i = 0; i < built.rows.size(); ++i) {
        const IndexRow& row = head->rows[i];
        const IndexRow& was = built.rows[i];
        MILL_ASSERT(row.log == was.log && row.run.base == was.run.base &&
                    row.run.end == was.run.end && row.run.bytes == was.run.bytes &&
                    row.run.first == was.run.first && row.run.batches == was.run.batches);
    }
    for (std::size_t i = 0; i < built.places.size(); ++i) {
        const std::size_t number = i / places_per_page;
        const std::size_t at = head->bytes + number * index_page_bytes;
        const auto page =
            decode_index_page(BytesView(built.bytes).substr(at), built.salt, number, "f", at);
        MILL_ASSERT(page && equal((*page)[i % places_per_page], built.places[i]));
    }
}

void expect_noticed(Built built, std::size_t at, char to) {
    if (built.bytes[at] == to) return;
    const std::size_t head_bytes = decode_index_head(built.bytes, "f")->bytes;
    built.bytes[at] = to;
    if (at < head_bytes) return MILL_ASSERT(!decode_index_head(built.bytes, "f"));
    const std::size_t number = (at - head_bytes) / index_page_bytes;
    const BytesView page = BytesView(built.bytes).substr(head_bytes + number * index_page_bytes);
    MILL_ASSERT(!decode_index_page(page, built.salt, number, "f", 0));
}

}  // namespace
}  // namespace mill::segment

void mill::fuzz::run(std::string_view bytes) {
    (void)segment::decode_index_head(bytes, "f");
    (void)segment::decode_index_page(bytes, 1, 0, "f", 0);
    Input input(bytes);
    const segment::Built built = segment::build(input);
    segment::expect_decodes(built);
    const std::size_t at = input.below(built.bytes.size());
    segment::expect_noticed(built, at, input.number<char>());
}
