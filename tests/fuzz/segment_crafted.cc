// SPDX-License-Identifier: Apache-2.0
// Stores of which every CRC is right and nothing else need be: heads and entries that contradict
// themselves and each other. They are opened or refused; what opens can be read, trimmed and
// written, or says what is wrong. (Indexes follow from entries: the store makes them.)
#include "engines/segment/format.h"
#include "engines/segment/segment.h"
#include "fuzz.h"
#include "sim/machine/sim_machine.h"
#include "storage/record_batch.h"

namespace mill::segment {
namespace {

using storage::StreamLog;

const std::string directory = "/data";
constexpr Options options{.segment_bytes = 8 * 1024, .cache_bytes = 4096, .clean_kept_percent = 40};
constexpr std::size_t segments_max = 4;

// A small number mostly, so that things meet; rarely a large one.
std::uint64_t number(fuzz::Input& input) {
    const auto byte = input.number<std::uint8_t>();
    return byte == 0xff ? input.number<std::uint32_t>() : byte % 8;
}

struct Made {
    Bytes bytes;
    std::uint32_t salt = 0;
    std::uint64_t end = 0;
    std::uint32_t last_crc = 0;
};

Bytes make_head(fuzz::Input& input, std::uint64_t segment, const std::vector<Made>& before) {
    Head head{.number = segment,
              .salt = static_cast<std::uint32_t>(100 + segment),
              .next_log_id = number(input)};
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (input.number<std::uint8_t>() % 4 != 0)
            head.segments.push_back({i + 1, before[i].end, before[i].last_crc});
    }
    if (input.number<std::uint8_t>() % 16 == 15)
        head.segments.push_back({number(input), number(input) * 8, 0});
    head.logs.resize(input.below(4));
    for (Head::Log& log : head.logs)
        log = {.id = number(input),
               .first = number(input),
               .next = number(input),
               .last_arrival = static_cast<std::int64_t>(number(input)),
               .name = std::string(1, static_cast<char>('a' + input.below(4)))};
    return encode_head(head);
}

// Entries in a chain; one in eight has a link of its own.
Made make_segment(fuzz::Input& input, std::uint64_t segment, const std::vector<Made>& before) {
    Made made{.bytes = make_head(input, segment, before),
              .salt = static_cast<std::uint32_t>(100 + segment)};
    made.last_crc = head_crc(made.bytes);
    std::uint64_t group = made.bytes.size();
    for (std::size_t entries = input.below(12); entries > 0; --entries) {
        const Bytes payload(input.number<std::uint8_t>() % 16,
                            static_cast<char>('a' + input.below(4)));
        if (input.flag()) group = made.bytes.size();
        const auto odd = input.number<std::uint8_t>();
        EntryHeader header{.kind = static_cast<EntryKind>(input.below(8)),
                           .log = number(input),
                           .base = number(input),
                           .records = static_cast<std::uint32_t>(number(input)),
                           .first_arrival = static_cast<std::int64_t>(number(input)),
                           .last_arrival = static_cast<std::int64_t>(number(input)),
                           .payload_bytes = static_cast<std::uint32_t>(payload.size()),
                           .payload_crc = crc32c(payload),
                           .group = odd % 8 == 7 ? number(input) * 8 : group,
                           .previous = odd % 64 == 63 ? 0 : made.last_crc};
        if (odd == 0xfe) header.payload_bytes = input.number<std::uint32_t>();
        made.last_crc = encode_entry(header, made.salt, made.bytes);
        made.bytes += payload;
        made.bytes.resize(aligned(made.bytes.size()));
    }
    made.end = made.bytes.size();
    return made;
}

void put(sim::SimMachine& sim, const std::string& name, const Bytes& bytes) {
    auto file = sim.machine().files.open(directory + "/" + name, machine::Open::create);
    MILL_ASSERT(file && (*file)->write_at(0, bytes) && (*file)->sync());
}

void lay_out(sim::SimMachine& sim, fuzz::Input& input) {
    std::vector<Made> made;
    const std::size_t count = 1 + input.below(segments_max);
    for (std::size_t i = 1; i <= count; ++i) {
        made.push_back(make_segment(input, i, made));
        const auto left_out = input.number<std::uint8_t>();
        if (left_out % 8 != 7 || i == count)
            put(sim, segment_name(i), made.back().bytes + Bytes(i == count ? 512 : 0, '\0'));
    }
}

void use(sim::SimMachine& sim, StreamLog& log, fuzz::Input& input) {
    const storage::Bounds bounds = log.bounds();
    for (const Offset at : {bounds.first, Offset(number(input)), bounds.next - 1})
        (void)sim.await(log.read(at, {.records = 3}));
    (void)sim.await(log.offset_at(from_epoch_ms(static_cast<std::int64_t>(number(input)))));
    if (input.flag()) (void)sim.await(log.trim(number(input)));
    storage::BatchBuilder builder;
    builder.add(from_epoch_ms(1), "k", "data");
    (void)sim.await(log.append(builder.take()));
}

}  // namespace
}  // namespace mill::segment

void mill::fuzz::run(std::string_view bytes) {
    Input input(bytes);
    sim::SimMachine sim{7};
    MILL_ASSERT(sim.machine().files.make_directories(segment::directory));
    segment::lay_out(sim, input);
    const auto report = segment::check_store(sim.machine().files, segment::directory);
    MILL_ASSERT(report || report.error().code.starts_with("storage."));
    auto store = segment::open_store(sim.machine(), segment::directory, segment::options);
    if (store) {
        for (const std::string& name : (*store)->log_names()) {
            const auto log = (*store)->open_log(name);  // not of a name that may not be
            if (log) segment::use(sim, **log, input);
        }
        sim.run_for(std::chrono::seconds(1));
    }
    sim.kill_software();
}
