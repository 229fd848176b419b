// SPDX-License-Identifier: Apache-2.0
// Heads and entries of segments: any bytes are read or refused, and what was encoded decodes as it
// was. A changed byte is noticed.
#include "engines/segment/format.h"
#include "fuzz.h"

namespace mill::segment {
namespace {

Head make_head(fuzz::Input& input) {
    Head head{.number = input.number<std::uint64_t>(),
              .salt = input.number<std::uint32_t>(),
              .next_log_id = input.number<std::uint64_t>()};
    head.segments.resize(input.below(4));
    head.number = std::max<std::uint64_t>(head.number, 1);
    for (Head::Sealed& sealed : head.segments)
        sealed = {input.number<std::uint64_t>() % head.number, input.number<std::uint64_t>(),
                  input.number<std::uint32_t>()};
    head.logs.resize(input.below(4));
    for (Head::Log& log : head.logs)
        log = {.id = input.number<std::uint64_t>(),
               .first = input.number<std::uint64_t>(),
               .next = input.number<std::uint64_t>(),
               .last_arrival = input.number<std::int64_t>(),
               .name = std::string(input.take(input.number<std::uint8_t>()))};
    for (Head::Log& log : head.logs) {
        log.id = std::min(log.id, ~std::uint64_t{1});
        log.next = std::max(log.first, log.next);
        head.next_log_id = std::max(head.next_log_id, log.id + 1);
        log.id = std::min(log.id, head.next_log_id - 1);
    }
    return head;
}

void heads(fuzz::Input& input) {
    Head head = make_head(input);
    Bytes encoded = encode_head(head);
    const auto decoded = decode_head(encoded, "f");
    MILL_ASSERT(decoded && decoded->bytes == encoded.size());
    head.bytes = decoded->bytes;
    head.crc = head_crc(encoded);
    MILL_ASSERT(*decoded == head);
    const std::size_t at = input.below(encoded.size());
    const char was = encoded[at];
    encoded[at] = input.number<char>();
    const bool is_version = at / 4 == 2;  // it says how the rest is to be read
    MILL_ASSERT(encoded[at] == was || is_version || !decode_head(encoded, "f"));
}

void entries(fuzz::Input& input) {
    EntryHeader header{.kind = static_cast<EntryKind>(input.number<std::uint32_t>()),
                       .log = input.number<std::uint64_t>(),
                       .base = input.number<std::uint64_t>(),
                       .records = input.number<std::uint32_t>(),
                       .first_arrival = input.number<std::int64_t>(),
                       .last_arrival = input.number<std::int64_t>(),
                       .payload_bytes = input.number<std::uint32_t>(),
                       .payload_crc = input.number<std::uint32_t>(),
                       .group = input.number<std::uint32_t>() * entry_alignment,
                       .previous = input.number<std::uint32_t>()};
    header.records = std::max<std::uint32_t>(header.records, 1);  // batches have some
    header.base = std::min(header.base, ~std::uint64_t{0} - header.records);
    const auto salt = input.number<std::uint32_t>();
    Bytes encoded;
    header.crc = encode_entry(header, salt, encoded);
    const auto decoded = decode_entry(encoded, salt);
    MILL_ASSERT(decoded && encoded.size() == EntryHeader::bytes && decoded->crc == header.crc);
    Bytes again;
    encode_entry(*decoded, salt, again);
    MILL_ASSERT(again == encoded);
    const std::size_t at = input.below(encoded.size());
    const char was = encoded[at];
    encoded[at] = input.number<char>();
    MILL_ASSERT(encoded[at] == was || !decode_entry(encoded, salt));
}

}  // namespace
}  // namespace mill::segment

void mill::fuzz::run(std::string_view bytes) {
    (void)segment::decode_head(bytes, "f");
    (void)segment::decode_entry(bytes, 0);
    for (const auto number : {segment::segment_number(bytes), segment::index_number(bytes)})
        MILL_ASSERT(!number || bytes.starts_with(std::to_string(*number).insert(
                                   0, 20 - std::to_string(*number).size(), '0')));
    Input input(bytes);
    segment::heads(input);
    segment::entries(input);
}
