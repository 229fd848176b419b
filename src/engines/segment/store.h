// SPDX-License-Identifier: Apache-2.0
// Store: the running segment log. Queue of items -> commit loop -> Writer (in offload) -> Catalogue
// (state). All members belong to the executor; the Writer belongs to the commit or roll in flight,
// if there is one.
#pragma once

#include <deque>
#include <unordered_map>

#include "engines/segment/catalogue.h"
#include "engines/segment/lookup.h"
#include "engines/segment/segment.h"
#include "engines/segment/tail_cache.h"
#include "engines/segment/writer.h"
#include "machine/signal.h"

namespace mill::segment {

using storage::Batch;

class Store final : public SegmentStore {
  public:
    Store(Machine& machine, std::string directory, Options options);
    ~Store() override;
    Result<void> open();

    Result<storage::StreamLog*> open_log(const std::string& name) override;
    Task<Result<void>> drop_log(const std::string& name) override;
    std::vector<std::string> log_names() const override;
    std::unique_ptr<Snapshot> snapshot() override;
    Task<void> settle() override;

  private:
    class Log;
    // The answer to whoever queued an item: the base offset for a batch, else nothing of interest.
    using Done = storage::Appending;
    struct Item {
        Entry entry;
        std::vector<Entry> copies;  // written just before it
        Done done;
        bool can_wait = false;
    };

    Done enqueue(EntryHeader header, std::shared_ptr<const Bytes> payload = nullptr,
                 std::vector<Entry> copies = {}, bool can_wait = false);
    static Task<Result<void>> settled(Done done);
    static Task<Result<void>> nothing_to_do();
    Task<Result<std::vector<StoredBatch>>> read(std::uint64_t log, Offset from, ReadLimits limits);
    Task<Result<Offset>> offset_at(std::uint64_t log, std::int64_t time);
    Task<Result<void>> trim(std::uint64_t log, Offset before);
    Task<Result<Offset>> trim_point(std::uint64_t log, Offset before);
    std::shared_ptr<Lookup> lookup(std::uint64_t log) const;
    Piece piece(const LogState& log, const Run& run) const;
    template <class T>
    using Answer = Result<T> (*)(Lookup&, Offset, ReadLimits);
    template <class T>
    Task<std::optional<Result<T>>> ask(std::shared_ptr<Lookup> what, Answer<T> answer, Offset at,
                                       ReadLimits limits);
    Task<Result<void>> make_index_again(std::uint64_t segment);
    Task<void> write_indexes();
    Task<void> write_marks();
    // "storage.corrupt" if damage hides what a log's newest records are.
    Result<void> expect_known(std::uint64_t log);
    // Adds what to do about it, and says it in the server's log once.
    Failure damaged(Error error);
    // cleaner.cc
    void clean();
    Task<void> clean_loop();
    Task<Result<void>> empty(std::uint64_t segment);
    Task<Result<std::vector<Entry>>> copies_of(std::uint64_t segment, std::uint64_t log);
    Task<Result<void>> finish_drop(std::string name, std::unique_ptr<Log> log, Done done);

    Task<void> commit_loop();
    // Whether such a commit and everything else take turns on the executor. On a single core a
    // hand-over to another thread and back takes more from the others than a small commit itself.
    bool is_written_in_turn(std::uint64_t bytes) const;
    Task<void> gather();
    std::vector<Item> take_group();
    void push_declaration(const Item& item, std::vector<Item>& group);
    Task<Result<void>> write(std::vector<Item>& group);
    static void place(const std::vector<Item>& group);
    Task<Result<void>> roll();
    void prepare_room(std::uint64_t committed_bytes);
    Task<void> prepare(Room room);
    Head next_head();
    void apply(std::vector<Item>& group);
    void apply_entry(Entry& entry);
    void fail_items(std::vector<Item>& items, const Error& error);
    void remove_what_is_empty();
    Task<void> remove_files(std::uint64_t segment, bool recycle);
    // backup.cc
    class HeldSnapshot;
    void let_go();
    bool is_recyclable(std::uint64_t segment) const;

    Machine& machine_;
    const std::string directory_;
    const Options options_;
    std::shared_ptr<Writer> writer_;
    Catalogue catalogue_;
    TailCache cache_;
    std::shared_ptr<IndexCache> index_cache_;
    bool writing_indexes_ = false;
    bool writing_marks_ = false;
    bool settling_ = false;  // marks are written at once
    machine::Signal marks_;  // wakes who waits to write one, and who waits until none is written
    Head::Sealed marked_;    // what the mark on disk says
    std::set<std::string> told_damage_;  // in the server's log
    bool cleaning_ = false;
    std::vector<std::string> free_files_;  // names of dead segments' files, to be written again
    std::size_t free_files_coming_ = 0;
    int holds_ = 0;                                              // snapshots that live
    std::vector<std::pair<std::uint64_t, bool>> held_removals_;  // remove_files, once there is none
    std::uint64_t next_log_id_ = 1;
    std::map<std::string, std::unique_ptr<Log>> names_;
    std::unordered_map<std::uint64_t, std::string>
        undeclared_;  // logs that the disk has not heard of yet
    std::vector<Item> queue_;
    bool committing_ = false;
    bool preparing_ = false;  // a commit must not reach the room meanwhile
    bool room_failed_ = false;
    std::optional<Room> room_made_;  // the Writer hears of it between commits
    machine::Signal prepared_;
    Scope scope_;
};

}  // namespace mill::segment
