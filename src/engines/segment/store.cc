// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/store.h"

#include <fmt/format.h>

#include <algorithm>

#include "engines/segment/log.h"
#include "engines/segment/mark.h"
#include "engines/segment/recovery.h"
#include "storage/log_name.h"

namespace mill::segment {
namespace {

constexpr std::uint64_t group_bytes_max =
    64ull * 1024 * 1024;  // positions in a segment stay far below 32 GiB
constexpr std::uint64_t small_commit_bytes_max = 64 * 1024;
constexpr auto mark_wait_min = std::chrono::seconds(1);
constexpr auto mark_wait_for_a_log = std::chrono::milliseconds(1);
constexpr std::size_t told_damage_max = 1000;
constexpr std::uint64_t segment_bytes_max = 8ull * 1024 * 1024 * 1024;
// A commit of more is written by another thread, while the executor takes the next requests.
constexpr std::size_t inline_entries_max = 1;
constexpr int gather_turns_max = 2;

}  // namespace

Store::Store(Machine& machine, std::string directory, Options options)
    : machine_(machine),
      directory_(std::move(directory)),
      options_(options),
      cache_(options.cache_bytes),
      index_cache_(std::make_shared<IndexCache>(options.index_cache_bytes / sizeof(IndexPage))),
      marks_(machine.executor),
      prepared_(machine.executor) {
    MILL_ASSERT(options_.segment_bytes <= segment_bytes_max);
    MILL_ASSERT(options_.clean_bytes_per_second > 0);
    writer_ =
        std::make_shared<Writer>(machine_.files, directory_, options_.segment_bytes, options_.sync);
}

Store::~Store() = default;

Result<void> Store::open() {
    MILL_CHECK(machine_.files.make_directories(directory_));
    MILL_CHECK(machine_.files.sync_directory(machine::parent_directory(directory_)));
    MILL_TRY(Recovered recovered, recover(machine_.files, directory_, *writer_));
    catalogue_ = std::move(recovered.catalogue);
    next_log_id_ = recovered.next_log_id;
    free_files_ = std::move(recovered.free_files);
    for (const auto& [segment, damages] : catalogue_.damages()) {
        for (const Damage& damage : damages)
            machine_.log.error("storage.corrupt", {{"damage", damage.text()}});
    }
    for (const auto& [id, log] : catalogue_.logs())
        names_[log.name] = std::make_unique<Log>(*this, id);
    if (!catalogue_.has_any_segment()) {
        const Head head = next_head();
        MILL_CHECK(writer_->begin(head, {}));
        catalogue_.add_segment(head.number, head.salt);
    }
    catalogue_.set_end_of_newest(writer_->position(), writer_->last_crc());
    scope_.spawn(write_indexes());
    scope_.spawn(write_marks());
    remove_what_is_empty();
    clean();
    return {};
}

Result<storage::StreamLog*> Store::open_log(const std::string& name) {
    MILL_CHECK(storage::check_log_name(name));
    auto& log = names_[name];
    if (!log) {
        const std::uint64_t id = next_log_id_++;
        undeclared_[id] = name;  // its first append takes the declaration along
        log = std::make_unique<Log>(*this, id);
    }
    return log.get();
}

Task<Result<void>> Store::drop_log(const std::string& name) {
    auto node = names_.extract(name);
    if (node.empty()) return nothing_to_do();
    auto done = enqueue({.kind = EntryKind::drop, .log = node.mapped()->id()});
    return finish_drop(name, std::move(node.mapped()), std::move(done));
}

Task<Result<void>> Store::finish_drop(std::string name, std::unique_ptr<Log> log, Done done) {
    const auto result = co_await done.durable();
    if (result) co_return Result<void>();
    names_.try_emplace(std::move(name),
                       std::move(log));  // it is still there, unless the name was taken meanwhile
    co_return Failure(result.error());
}

std::vector<std::string> Store::log_names() const {
    std::vector<std::string> names;
    for (const auto& [name, log] : names_) names.push_back(name);
    return names;
}

Store::Done Store::enqueue(EntryHeader header, std::shared_ptr<const Bytes> payload,
                           std::vector<Entry> copies, bool can_wait) {
    Item& item = queue_.emplace_back(
        Item{{header, std::move(payload)}, std::move(copies), Done(machine_.executor), can_wait});
    Done done = item.done;
    if (!std::exchange(committing_, true)) scope_.spawn(commit_loop());
    return done;
}

Task<Result<void>> Store::settled(Done done) {
    const auto result = co_await done.durable();
    MILL_CO_CHECK(result);
    co_return Result<void>();
}

Task<Result<void>> Store::nothing_to_do() { co_return Result<void>(); }

// One commit after the other; what is queued meanwhile shares the next.
Task<void> Store::commit_loop() {
    co_await machine::yield(machine_.executor);  // what is ready in this turn shares the first
    while (!queue_.empty()) {
        if (writer_->must_begin() || room_failed_) {
            if (const auto rolled = co_await roll(); !rolled) {
                fail_items(queue_, rolled.error());
                continue;
            }
        }
        std::vector<Item> group = take_group();
        const std::uint64_t begun_at = writer_->position();
        const auto written = co_await write(group);
        if (written) {
            catalogue_.set_end_of_newest(writer_->position(), writer_->last_crc());
            apply(group);
            const std::uint64_t committed_bytes = writer_->position() - begun_at;
            prepare_room(committed_bytes);
            if (!writing_marks_) scope_.spawn(write_marks());
            if (is_written_in_turn(committed_bytes)) co_await gather();
            continue;
        }
        machine_.log.error("storage.write_failed",
                           {{"directory", directory_}, {"error", written.error().message}});
        Error error = written.error();
        // A failed append may have reached the disk. It is reported once the next segment's head
        // excludes it.
        if (const auto sealed = co_await roll(); !sealed) {
            error = {"storage.stopped",
                     fmt::format("{}; and then: {}", error.message, sealed.error().message)};
        }
        fail_items(group, error);
    }
    committing_ = false;
}

bool Store::is_written_in_turn(std::uint64_t bytes) const {
    return bytes <= small_commit_bytes_max &&
           (!options_.sync || !machine_.executor.has_spare_core());
}

// Nobody had the executor while the commit was written. First its answers go out, then what comes
// in return shares the next one, as long as another turn brings more.
Task<void> Store::gather() {
    co_await machine::yield(machine_.executor);
    std::size_t before = 0;
    int turns = gather_turns_max;
    do {
        before = queue_.size();
        co_await machine::yield(machine_.executor);
    } while (queue_.size() > before && --turns > 0);
}

std::vector<Store::Item> Store::take_group() {
    std::vector<Item> group;
    group.reserve(queue_.size());
    std::unordered_map<std::uint64_t, Offset> next;  // of logs in this group
    next.reserve(queue_.size());
    std::uint64_t bytes = 0;
    std::size_t taken = 0;
    for (; taken < queue_.size() && bytes < group_bytes_max; ++taken) {
        Item& item = queue_[taken];
        EntryHeader& header = item.entry.header;
        if (header.kind == EntryKind::batch) {
            const LogState* log = catalogue_.find(header.log);
            const auto [place, first_here] = next.try_emplace(header.log, log ? log->next : 0);
            if (!log && first_here) push_declaration(item, group);
            header.base = place->second;
            place->second += header.records;
            bytes += item.entry.payload->size();
        }
        for (const Entry& copy : item.copies) bytes += copy.payload->size();
        group.push_back(std::move(item));
    }
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken));
    return group;
}

void Store::push_declaration(const Item& item, std::vector<Item>& group) {
    const EntryHeader header{.kind = EntryKind::declare, .log = item.entry.header.log};
    auto name = std::make_shared<const Bytes>(undeclared_.at(header.log));
    group.push_back({{header, std::move(name)}, {}, Done(machine_.executor), item.can_wait});
}

Task<Result<void>> Store::write(std::vector<Item>& group) {
    struct Work {
        std::shared_ptr<Writer> writer;
        std::vector<Entry> entries;
        Result<void> result;
    };
    auto work = std::make_shared<Work>(writer_);
    work->entries.reserve(group.size());
    const bool can_wait = std::ranges::all_of(group, &Item::can_wait);
    std::uint64_t bytes = 0;
    for (Item& item : group) {
        std::ranges::move(item.copies, std::back_inserter(work->entries));
        if (item.entry.payload) bytes += item.entry.payload->size();
        work->entries.push_back(std::move(item.entry));
    }
    while (preparing_ && !writer_->has_room_for(work->entries)) co_await prepared_.wait();
    if (room_made_) writer_->take_room(*std::exchange(room_made_, std::nullopt));
    // One append alone: whoever waits for it most likely has nothing else for us to do meanwhile,
    // so a hand-over to another thread and back would only add to its time. If who waits is in no
    // hurry, the executor does not stand still.
    const bool is_alone =
        work->entries.size() <= inline_entries_max && bytes <= small_commit_bytes_max;
    const bool is_brief = !can_wait && (is_alone || is_written_in_turn(bytes));
    if (is_brief && writer_->is_room_written()) {
        co_await machine::offload_brief(machine_.executor, [work] {
            work->result = work->writer->begin_append(work->entries);
        });
        if (work->result) {
            // Answers are made while the disk writes.
            place(group);
            co_await machine::yield(machine_.executor);
            co_await machine::offload_brief(
                machine_.executor, [work] { work->result = work->writer->finish_append(); });
        }
    } else {
        place(group);
        machine::Job append = [work] { work->result = work->writer->append(work->entries); };
        co_await (is_brief ? machine::offload_brief(machine_.executor, std::move(append))
                           : machine::offload(machine_.executor, std::move(append)));
    }
    auto entry = work->entries.begin();
    for (Item& item : group) {
        for (Entry& copy : item.copies) copy = std::move(*entry++);
        item.entry = std::move(*entry++);
    }
    co_return std::move(work->result);
}

void Store::place(const std::vector<Item>& group) {
    for (const Item& item : group) item.done.place(item.entry.header.base);
}

// Large commits do without.
void Store::prepare_room(std::uint64_t committed_bytes) {
    if (preparing_ || room_made_ || committed_bytes > small_commit_bytes_max) return;
    auto room = writer_->wanted_room();
    if (!room) return;
    preparing_ = true;
    scope_.spawn(prepare(*std::move(room)));
}

// If it cannot be made, whatever is in the way meets the commit that needs it.
Task<void> Store::prepare(Room room) {
    auto made = std::make_shared<Result<void>>();
    co_await machine::offload(machine_.executor, [made, room, &files = machine_.files] {
        *made = make_room(files, room);
    });
    preparing_ = false;
    if (*made) room_made_ = std::move(room);
    // A full disk takes nothing away; after any other failure this segment is written no more.
    if (!*made && made->error().code != "io.no_space") room_failed_ = true;
    prepared_.notify_all();
}

Head Store::next_head() {
    Head head = catalogue_.head();
    head.number = catalogue_.has_any_segment() ? catalogue_.newest_segment() + 1 : 1;
    head.salt = catalogue_.has_any_segment()
                    ? catalogue_.salt(catalogue_.newest_segment()) + 1
                    : static_cast<std::uint32_t>(machine::random_u64(machine_.entropy));
    head.next_log_id = next_log_id_;
    return head;
}

Task<Result<void>> Store::roll() {
    struct Work {
        std::shared_ptr<Writer> writer;
        Head head;
        std::string recycled;
        Result<void> result;
    };
    while (preparing_) co_await prepared_.wait();
    room_made_.reset();
    room_failed_ = false;  // if the next one cannot be begun, must_begin() says so again
    catalogue_.set_end_of_newest(writer_->position(), writer_->last_crc());
    auto work = std::make_shared<Work>(writer_, next_head());
    if (!free_files_.empty()) {
        work->recycled = std::move(free_files_.back());
        free_files_.pop_back();
    }
    co_await machine::offload(machine_.executor, [work] {
        work->result = work->writer->begin(work->head, work->recycled);
    });
    MILL_CO_CHECK(work->result);
    catalogue_.add_segment(work->head.number, work->head.salt);
    catalogue_.set_end_of_newest(writer_->position(), writer_->last_crc());
    if (!writing_marks_) scope_.spawn(write_marks());
    if (!writing_indexes_) scope_.spawn(write_indexes());
    remove_what_is_empty();
    co_return Result<void>();
}

void Store::apply(std::vector<Item>& group) {
    for (const Item& item : group) catalogue_.prefetch(item.entry.header.log);
    for (Item& item : group) {
        for (Entry& copy : item.copies) apply_entry(copy);
        apply_entry(item.entry);
        item.done.finish(item.entry.header.base);
    }
    remove_what_is_empty();
    clean();
}

void Store::apply_entry(Entry& entry) {
    const EntryHeader& header = entry.header;
    const bool was_there = catalogue_.has_segment(header.base);  // of a removal
    const bool recycle = header.kind == EntryKind::remove_segment && is_recyclable(header.base);
    MILL_ASSERT(
        catalogue_.apply(header, entry.payload ? *entry.payload : BytesView(), entry.position));
    switch (header.kind) {
        case EntryKind::batch:
            cache_.add(header.log, {.base = header.base,
                                    .records = header.records,
                                    .first_arrival = from_epoch_ms(header.first_arrival),
                                    .last_arrival = from_epoch_ms(header.last_arrival),
                                    .payload = std::move(entry.payload)});
            break;
        case EntryKind::declare:
        case EntryKind::drop:
            undeclared_.erase(header.log);
            break;
        case EntryKind::remove_segment:
            free_files_coming_ += recycle;
            if (was_there) scope_.spawn(remove_files(header.base, recycle));
            break;
        case EntryKind::trim:
        case EntryKind::moved:
            break;
    }
}

void Store::fail_items(std::vector<Item>& items, const Error& error) {
    for (Item& item : std::exchange(items, {})) {
        if (item.entry.header.kind == EntryKind::remove_segment)
            catalogue_.name_again(item.entry.header.base);
        item.done.finish(Failure(error));
    }
}

// The removal is recorded first: a segment that is missing without a record of it is damage.
void Store::remove_what_is_empty() {
    for (const std::uint64_t segment : catalogue_.take_removable()) {
        enqueue({.kind = EntryKind::remove_segment, .base = segment});
    }
}

// A file that is written through to its end: a failed one is not written again.
bool Store::is_recyclable(std::uint64_t segment) const {
    if (!catalogue_.has_segment(segment)) return false;
    const std::uint64_t end = catalogue_.sealed(segment).end;
    return end >= options_.segment_bytes && end / 2 <= options_.segment_bytes &&
           free_files_.size() + free_files_coming_ < options_.recycled_files_max;
}

// A reader that still has the file open may find it written over: what it reads then bears another
// salt, and it sees that the segment is gone.
Task<void> Store::remove_files(std::uint64_t segment, bool recycle) {
    if (holds_ > 0) {
        held_removals_.emplace_back(segment, recycle);
        co_return;
    }
    struct Work {
        machine::Files& files;
        std::string path;
        std::string index;
        std::string free;  // empty: the file goes
        Result<void> result;
    };
    auto work =
        std::make_shared<Work>(Work{.files = machine_.files,
                                    .path = directory_ + "/" + segment_name(segment),
                                    .index = directory_ + "/" + index_name(segment),
                                    .free = recycle ? directory_ + "/" + free_name(segment) : ""});
    co_await machine::offload(machine_.executor, [work] {
        machine::Files& files = work->files;
        work->result =
            work->free.empty() ? files.remove(work->path) : files.rename(work->path, work->free);
        if (work->result && files.exists(work->index)) work->result = files.remove(work->index);
    });
    free_files_coming_ -= recycle;
    if (work->result && recycle) free_files_.push_back(free_name(segment));
    // It takes up space until the next start, nothing else.
    if (!work->result)
        machine_.log.warning("storage.remove_failed", {{"error", work->result.error().message}});
}

// What could not be written stays in memory, until the next segment is begun.
Task<void> Store::write_indexes() {
    writing_indexes_ = true;
    for (const IndexSource& index : catalogue_.indexes_in_memory()) {
        auto result = std::make_shared<Result<void>>();
        const std::string path = directory_ + "/" + index_name(index.segment);
        co_await machine::offload(machine_.executor,
                                  [result, path, bytes = index.bytes, &files = machine_.files] {
                                      *result = machine::write_file_durably(files, path, *bytes);
                                  });
        if (!*result) {
            machine_.log.warning("storage.index_not_written", {{"error", result->error().message}});
            break;
        }
        catalogue_.index_is_on_disk(index);
    }
    writing_indexes_ = false;
}

// Behind the commits, so that they never wait for it. With --durability os a power loss may take
// what a mark would bear witness to.
Task<void> Store::write_marks() {
    writing_marks_ = true;
    while (options_.sync && marked_ != catalogue_.sealed(catalogue_.newest_segment())) {
        const auto logs = static_cast<std::int64_t>(catalogue_.logs().size());
        const Duration wait = mark_wait_min + logs * mark_wait_for_a_log;
        if (!settling_) co_await marks_.wait_until(machine_.timers, machine_.clock.now() + wait);
        auto result = std::make_shared<Result<void>>();
        const Head state = next_head();
        const std::string older = directory_ + "/" + mark_name(marked_.number);
        const bool is_first = marked_.number != state.segments.back().number;
        co_await machine::offload(
            machine_.executor,
            [result, state, older, is_first, &files = machine_.files, directory = directory_] {
                *result = write_mark(files, directory, state);
                if (*result && is_first && files.exists(older)) *result = files.remove(older);
            });
        if (!*result) {
            machine_.log.warning("storage.mark_not_written", {{"error", result->error().message}});
            break;
        }
        marked_ = state.segments.back();
    }
    writing_marks_ = false;
    marks_.notify_all();
}

Task<void> Store::settle() {
    settling_ = true;
    marks_.notify_all();
    if (!writing_marks_) scope_.spawn(write_marks());
    while (writing_marks_) co_await marks_.wait();
}

Result<void> Store::expect_known(std::uint64_t log) {
    const LogState* state = catalogue_.find(log);
    const std::uint32_t by = state ? state->stopped_by : catalogue_.names_lost_by();
    if (by == 0) return {};
    const auto undeclared = undeclared_.find(log);
    if (!state && undeclared == undeclared_.end()) return {};  // dropped
    const std::string& name = state ? state->name : undeclared->second;
    return damaged({"storage.corrupt", catalogue_.stop_text(name, by)});
}

Failure Store::damaged(Error error) {
    if (told_damage_.size() < told_damage_max && told_damage_.insert(error.message).second)
        machine_.log.error("storage.corrupt", {{"damage", error.message}});
    error.message +=
        "; \"millrace fsck\" tells what else is damaged, a backup of the data directory brings it "
        "back";
    return Failure(std::move(error));
}

Result<std::unique_ptr<SegmentStore>> open_store(Machine& machine, const std::string& directory,
                                                 Options options) {
    auto store = std::make_unique<Store>(machine, directory, options);
    MILL_CHECK(store->open());
    return store;
}

}  // namespace mill::segment
