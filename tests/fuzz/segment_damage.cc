// SPDX-License-Identifier: Apache-2.0
// A store whose files were damaged: bytes changed, zeroed, copied from elsewhere, files cut, made
// longer, lost. Whatever can be read is what was written; the rest is an error, except for the
// newest entries if each of them was touched; check_store names the logs that stop; and if the
// store opens it takes records, but for logs of which nobody knows where they ended.
//
// One change of at most four bytes may be of the input's choice: more could make a valid CRC.
#include <map>
#include <set>

#include "engines/segment/format.h"
#include "engines/segment/segment.h"
#include "fuzz.h"
#include "sim/machine/sim_machine.h"
#include "storage/record_batch.h"

namespace mill::segment {
namespace {

using storage::Batch;
using storage::BatchBuilder;
using storage::StoredBatch;
using storage::StreamLog;

const std::string directory = "/data";
constexpr Options options{
    .segment_bytes = 8 * 1024, .cache_bytes = 0, .clean_kept_percent = 40, .recycled_files_max = 1};

struct Extent {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

struct Written {
    Bytes payload;
    std::optional<Extent> in_newest;
};

struct Closed {
    std::vector<std::pair<std::string, Bytes>> files;
    std::size_t newest = 0;  // its place among them
    std::map<std::string, std::map<Offset, Written>> logs;
};

Batch make_batch(int i) {
    BatchBuilder builder;
    for (int r = 0; r <= i % 2; ++r)
        builder.add(from_epoch_ms(i * 10), "k",
                    Bytes(i % 6 == 0 ? 2500 : 250, static_cast<char>('a' + i % 26)));
    return builder.take();
}

void take_files(sim::SimMachine& sim, Closed& closed) {
    machine::Files& files = sim.machine().files;
    const auto entries = files.list(directory);
    for (const auto& entry : *entries) {
        closed.files.emplace_back(entry.name,
                                  *machine::read_file(files, directory + "/" + entry.name));
        if (segment_number(entry.name)) closed.newest = closed.files.size() - 1;
    }
}

// Where the batches of the newest segment lie; `names` by log id.
void find_extents(Closed& closed, std::map<std::uint64_t, std::string> names) {
    const Bytes& bytes = closed.files[closed.newest].second;
    const Head head = *decode_head(bytes, "newest");
    for (const Head::Log& log : head.logs) names[log.id] = log.name;
    for (std::uint64_t at = head.bytes;;) {
        const auto header = decode_entry(BytesView(bytes).substr(at), head.salt);
        if (!header) return;
        const Extent extent{at, at + EntryHeader::bytes + header->payload_bytes};
        if (header->kind == EntryKind::declare)
            names[header->log] = bytes.substr(at + EntryHeader::bytes, header->payload_bytes);
        if (header->kind == EntryKind::batch)
            closed.logs[names[header->log]][header->base].in_newest = extent;
        at += header->whole_bytes();
    }
}

// Logs that end at different times, one of them trimmed, one dropped; segments that were cleaned.
Closed make_store() {
    sim::SimMachine sim{7};
    Closed closed;
    {
        auto store = *open_store(sim.machine(), directory, options);
        const std::vector<std::string> names = {"a", "b", "gone", "trimmed"};
        for (int i = 0; i < 60; ++i) {
            const std::string& name = names[i < 40 ? i % 4 : i % 2];
            Batch batch = make_batch(i);
            const Bytes payload = batch.payload;
            StreamLog& log = **store->open_log(name);
            const auto base = sim.await(log.append(std::move(batch)));
            closed.logs[name][*base].payload = payload;
            if (i == 30) MILL_ASSERT(sim.await(log.trim(*base)));
            if (i == 45) MILL_ASSERT(sim.await((*store->open_log("trimmed"))->trim(12)));
            if (i == 50) MILL_ASSERT(sim.await(store->drop_log("gone")));
            sim.run_for(std::chrono::milliseconds(100));
        }
        closed.logs.erase("gone");
        auto& trimmed = closed.logs["trimmed"];
        const Offset first = (*store->open_log("trimmed"))->bounds().first;
        trimmed.erase(trimmed.begin(), trimmed.lower_bound(first));
        sim.run_for(std::chrono::seconds(1));
        sim.kill_software();
    }
    take_files(sim, closed);
    find_extents(closed, {});
    return closed;
}

struct Damaged {
    std::vector<std::pair<std::string, Bytes>> files;
    std::vector<Extent> touched;  // of the newest segment
};

class Damager {
  public:
    Damager(const Closed& closed, fuzz::Input& input)
        : closed_(closed), input_(input), damaged_{closed.files, {}} {}

    Damaged run() {
        for (int edits = 0; edits < 4 && !input_.is_empty(); ++edits) edit();
        std::erase_if(damaged_.files, [](const auto& file) { return file.first.empty(); });
        return std::move(damaged_);
    }

  private:
    void edit() {
        const auto kind = input_.below(6);
        const std::size_t file = input_.below(damaged_.files.size());
        Bytes& bytes = damaged_.files[file].second;
        const std::size_t at = input_.below(bytes.size() + 1);
        const std::size_t count =
            std::min<std::size_t>(input_.number<std::uint16_t>(), bytes.size() - at);
        if (kind == 0 && !std::exchange(has_changed_, true))
            put(file, at, input_.take(std::min<std::size_t>(count, 4)));
        if (kind == 1) put(file, at, Bytes(count, '\0'));
        if (kind == 2) copy(file, at, count);
        if (kind == 3) cut(file, at);
        if (kind == 4) bytes.resize(bytes.size() + count);
        // Nothing is left to say that there was a newer segment.
        if (kind == 5 && file != closed_.newest) damaged_.files[file].first.clear();
    }
    void put(std::size_t file, std::size_t at, BytesView bytes) {
        if (file == closed_.newest) damaged_.touched.push_back({at, at + bytes.size()});
        std::ranges::copy(bytes, damaged_.files[file].second.begin() + static_cast<long>(at));
    }
    void copy(std::size_t file, std::size_t at, std::size_t count) {
        const Bytes from = damaged_.files[input_.below(damaged_.files.size())].second;
        const std::size_t begin = std::min(input_.below(from.size() + 1) / 8 * 8, from.size());
        put(file, at, BytesView(from).substr(begin, count));
    }
    void cut(std::size_t file, std::size_t at) {
        if (file == closed_.newest) damaged_.touched.push_back({at, ~0ull});
        damaged_.files[file].second.resize(at);
    }

    const Closed& closed_;
    fuzz::Input& input_;
    Damaged damaged_;
    bool has_changed_ = false;
};

bool is_touched(const Written& written, const std::vector<Extent>& touched) {
    return written.in_newest && std::ranges::any_of(touched, [&](const Extent& extent) {
               return extent.begin < written.in_newest->end &&
                      written.in_newest->begin < extent.end;
           });
}

// False if it stops at damage.
bool read_log(sim::SimMachine& sim, StreamLog& log, const std::map<Offset, Written>& written,
              const std::vector<Extent>& touched) {
    bool is_whole = true;
    MILL_ASSERT(log.bounds().first == (log.bounds().next == 0 ? 0 : written.begin()->first));
    for (const auto& [base, batch] : written) {
        if (base >= log.bounds().next) {
            MILL_ASSERT(is_touched(batch, touched));
            continue;
        }
        const auto read = sim.await(log.read(base, {.records = 1}));
        if (!read) {
            MILL_ASSERT(read.error().code == "storage.corrupt");
            is_whole = false;
            continue;
        }
        MILL_ASSERT(!read->empty() && read->front().base == base);
        MILL_ASSERT(*read->front().payload == batch.payload);
        MILL_ASSERT(read->back().end() <= log.bounds().next);
    }
    return is_whole;
}

void expect_goes_on(sim::SimMachine& sim, StreamLog& log, bool may_have_stopped) {
    Batch batch = make_batch(1000);
    const Bytes payload = batch.payload;
    const auto base = sim.await(log.append(std::move(batch)));
    if (!base) {
        MILL_ASSERT(may_have_stopped && base.error().code == "storage.corrupt");
        return;
    }
    const auto read = sim.await(log.read(*base, {}));
    MILL_ASSERT(read && read->size() == 1 && *read->front().payload == payload);
}

void open_damaged(const Closed& closed, const Damaged& damaged) {
    sim::SimMachine sim{7};
    machine::Files& files = sim.machine().files;
    MILL_ASSERT(files.make_directories(directory));
    for (const auto& [name, bytes] : damaged.files) {
        auto file = files.open(directory + "/" + name, machine::Open::create);
        MILL_ASSERT(file && (*file)->write_at(0, bytes) && (*file)->sync());
    }
    const auto report = check_store(files, directory);
    std::set<std::string> checked;
    if (report) {
        for (const Finding& finding : report->findings)
            checked.insert(finding.logs.begin(), finding.logs.end());
    }
    auto store = open_store(sim.machine(), directory, options);
    MILL_ASSERT(store || !report || !report->findings.empty());
    if (!store) return;
    MILL_ASSERT(report);
    for (const auto& [name, written] : closed.logs) {
        StreamLog& log = **(*store)->open_log(name);
        if (!read_log(sim, log, written, damaged.touched)) MILL_ASSERT(checked.contains(name));
        expect_goes_on(sim, log, checked.contains(name));
    }
    sim.run_for(std::chrono::seconds(1));
    sim.kill_software();
}

}  // namespace
}  // namespace mill::segment

void mill::fuzz::run(std::string_view bytes) {
    static const segment::Closed closed = segment::make_store();
    Input input(bytes);
    segment::open_damaged(closed, segment::Damager(closed, input).run());
}
