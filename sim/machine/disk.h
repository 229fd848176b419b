// SPDX-License-Identifier: Apache-2.0
// The disk under SimFiles: what is seen now, and what would be left after a power loss.
//
// A file is pages of 4 KiB (all-zero pages take no room); each knows which of its 512-byte sectors
// differ from the durable ones. Directory entries change by operations (make, remove, rename), kept
// in order until a directory they touch is synced. Power loss picks which unsynced sectors and
// operations survive; an operation does not survive one that it builds on.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "machine/files.h"
#include "sim/machine/random.h"
#include "sim/machine/sim_machine.h"

namespace mill::sim {

class FileContent {
  public:
    static constexpr std::size_t page_bytes = 4096;
    static constexpr std::size_t sector_bytes = 512;

    std::uint64_t size() const { return size_; }
    std::size_t read(std::uint64_t offset, char* to, std::size_t count) const;
    // `random` decides whether the machine writes some of it back before anyone asks for it.
    void write(std::uint64_t offset, BytesView bytes, Random& random);
    void truncate(std::uint64_t size);
    void sync();
    // As Linux does: what could not be written is no longer tried, yet still read back until the
    // power goes.
    void fail_sync(Random& random, std::uint32_t tear_bytes = sector_bytes);
    void lose_power(const DiskFaults& faults, Random& random);

  private:
    using Page = std::array<char, page_bytes>;
    using Pages = std::unordered_map<std::uint64_t, std::shared_ptr<Page>>;
    void write_page(std::uint64_t index, std::size_t at, BytesView bytes, Random& random);
    static void set_sector(Pages& pages, std::uint64_t index, unsigned sector, const Page* from);
    static Page& writable(Pages& pages, std::uint64_t index);
    static const Page* find(const Pages& pages, std::uint64_t index);
    static void cut(Pages& pages, std::uint64_t size);
    void harden_sector(std::uint64_t index, unsigned sector);

    Pages now_;
    Pages durable_;
    std::uint64_t size_ = 0;
    std::uint64_t durable_size_ = 0;
    std::map<std::uint64_t, std::uint8_t>
        dirty_;  // page → its sectors that may differ from the durable ones
};

struct Node {
    explicit Node(bool directory) : is_directory(directory) {}
    bool is_directory;
    FileContent content;
    using Entries = std::map<std::string, std::shared_ptr<Node>>;
    Entries entries;
    Entries durable_entries;
    std::optional<std::uint64_t> failed_in;  // the generation in which a write or sync of it failed
};
using NodePointer = std::shared_ptr<Node>;

class Disk {
  public:
    explicit Disk(std::uint64_t seed) : random(seed) {}

    struct Place {  // where a name is or would be
        NodePointer directory;
        std::string name;
        NodePointer node;  // null if there is none
    };
    // Empty if a directory on the way is missing. The root's place has no directory.
    std::optional<Place> find(const std::string& path) const;

    void link(const Place& place, NodePointer node);
    void unlink(const Place& place);
    void move(const Place& from, const Place& to);
    void sync_entries(const NodePointer& directory);
    void lose_power(const DiskFaults& faults);

    // How many of `wanted` bytes a file may grow by.
    std::uint64_t take_room(std::uint64_t wanted);
    // The failure that was ordered for this operation, if its turn has come.
    Result<void> play_failure(const std::string& operation, const std::string& path);

    struct Injection {
        std::string operation;
        std::uint64_t after_calls = 0;
        std::string code;
        bool lasting = false;  // not once only
    };
    std::vector<Injection> injections;
    std::map<std::string, std::uint64_t, std::less<>> calls;  // by operation
    std::vector<std::string> written_after_failure;           // paths
    std::optional<std::uint64_t> room;                        // bytes that files may still grow by
    std::map<std::string, std::uint64_t> locks;               // path → the generation that holds it
    std::uint64_t generation = 0;  // of the software: handles of an older one are dead
    Random random;

  private:
    struct Change {  // of one name, or of two by a rename
        struct Name {
            NodePointer directory;
            std::string name;
            NodePointer node;  // null: removed
        };
        std::vector<Name> names;
    };
    static void apply(const Change& change);
    void settle(const NodePointer& node, const DiskFaults& faults);

    NodePointer root_ = std::make_shared<Node>(true);
    std::vector<Change> changes_;  // not durable yet, in order
};

}  // namespace mill::sim
