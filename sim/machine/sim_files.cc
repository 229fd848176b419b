// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/sim_files.h"

#include <utility>

namespace mill::sim {
namespace {

using machine::DirectoryEntry;
using machine::File;
using machine::Open;

std::unexpected<Error> missing(const std::string& path) {
    return fail("io.not_found", path + ": no such file or directory");
}

class SimFile final : public File {
  public:
    SimFile(std::shared_ptr<Disk> disk, NodePointer node, std::string path, bool writable,
            bool locked)
        : disk_(std::move(disk)),
          node_(std::move(node)),
          path_(std::move(path)),
          writable_(writable),
          locked_(locked),
          generation_(disk_->generation) {}
    ~SimFile() override {
        if (locked_ && generation_ == disk_->generation) disk_->locks.erase(path_);
    }
    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) override {
        MILL_CHECK(usable("read", false));
        return node_->content.read(offset, to, count);
    }
    Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
        return write_at(offset, {&bytes, 1});
    }
    // Nothing of it is there before it is finished, when the bytes are what they are then.
    Result<void> begin_write_at(std::uint64_t offset, BytesView bytes) override {
        MILL_ASSERT(begun_bytes_.empty());
        begun_at_ = offset;
        begun_bytes_ = bytes;
        return {};
    }
    Result<void> finish_write() override {
        const BytesView bytes = std::exchange(begun_bytes_, {});
        if (bytes.empty()) return {};
        return write_at(begun_at_, bytes);
    }
    Result<void> write_at(std::uint64_t offset, std::span<const BytesView> pieces) override {
        Bytes all;
        BytesView bytes = pieces.size() == 1 ? pieces[0] : BytesView();
        if (pieces.size() != 1) {
            for (BytesView piece : pieces) all += piece;
            bytes = all;
        }
        if (node_->failed_in == disk_->generation) disk_->written_after_failure.push_back(path_);
        Result<void> usable_now = usable("write", true);
        // A write that fails may have put down a part.
        if (!usable_now && alive() && writable_)
            bytes = bytes.substr(0, disk_->random.below(bytes.size() + 1));
        if (usable_now) usable_now = fit(offset, bytes);
        if (!usable_now) node_->failed_in = disk_->generation;
        if (alive() && writable_) node_->content.write(offset, bytes, disk_->random);
        return usable_now;
    }
    Result<void> sync() override {
        MILL_ASSERT(begun_bytes_.empty());
        const Result<void> usable_now = usable("sync", false);
        if (usable_now) node_->content.sync();
        if (usable_now || !alive()) return usable_now;
        node_->content.fail_sync(disk_->random);
        node_->failed_in = disk_->generation;
        return usable_now;
    }
    Result<std::uint64_t> size() override {
        MILL_CHECK(usable("size", false));
        return node_->content.size();
    }
    Result<void> truncate(std::uint64_t size) override {
        MILL_CHECK(usable("truncate", true));
        if (size == 0) node_->failed_in.reset();  // all of it is written anew
        node_->content.truncate(size);
        return {};
    }

  private:
    // Cuts off what a full disk has no room for.
    Result<void> fit(std::uint64_t offset, BytesView& bytes) {
        const std::uint64_t end = offset + bytes.size();
        const std::uint64_t growth = end - std::min(end, node_->content.size());
        const std::uint64_t missing_room = growth - disk_->take_room(growth);
        if (missing_room == 0) return {};
        bytes.remove_suffix(std::min<std::uint64_t>(missing_room, bytes.size()));
        return fail("io.no_space", path_ + ": no space left on device");
    }
    bool alive() const { return generation_ == disk_->generation; }
    Result<void> usable(const char* operation, bool writes) const {
        if (!alive()) return fail("io", path_ + ": opened by software that is gone");
        if (writes && !writable_) return fail("io.permission", path_ + ": opened for reading");
        return disk_->play_failure(operation, path_);
    }
    std::shared_ptr<Disk> disk_;
    NodePointer node_;
    std::string path_;
    bool writable_;
    bool locked_;
    std::uint64_t generation_;
    std::uint64_t begun_at_ = 0;
    BytesView begun_bytes_;
};

}  // namespace

Result<NodePointer> SimFiles::open_node(const std::string& path, Open how) {
    const auto place = disk_->find(path);
    if (!place) return missing(path);
    if (place->node) {
        if (how == Open::create_new) return fail("io.exists", path + ": exists already");
        if (place->node->is_directory) return fail("io", path + ": is a directory");
        return place->node;
    }
    if (how != Open::create && how != Open::create_new) return missing(path);
    if (disk_->room == 0) return fail("io.no_space", path + ": no space left on device");
    auto node = std::make_shared<Node>(false);
    disk_->link(*place, node);
    return node;
}

Result<std::unique_ptr<File>> SimFiles::open(const std::string& path, Open how) {
    MILL_CHECK(disk_->play_failure("open", path));
    MILL_TRY(auto node, open_node(path, how));
    return std::make_unique<SimFile>(disk_, std::move(node), path, how != Open::read, false);
}

Result<std::unique_ptr<File>> SimFiles::lock(const std::string& path) {
    MILL_CHECK(disk_->play_failure("lock", path));
    MILL_TRY(auto node, open_node(path, Open::create));
    if (disk_->locks.contains(path)) return fail("io.locked", path + ": locked by another process");
    disk_->locks[path] = disk_->generation;
    return std::make_unique<SimFile>(disk_, std::move(node), path, true, true);
}

Result<void> SimFiles::remove(const std::string& path) {
    MILL_CHECK(disk_->play_failure("remove", path));
    const auto place = disk_->find(path);
    if (!place || !place->node) return missing(path);
    if (place->node->is_directory) return fail("io", path + ": is a directory");
    disk_->unlink(*place);
    return {};
}

Result<void> SimFiles::remove_tree(const std::string& path) {
    MILL_CHECK(disk_->play_failure("remove", path));
    const auto place = disk_->find(path);
    if (!place || !place->node) return {};
    const Node::Entries children = place->node->entries;
    for (const auto& [name, child] : children) MILL_CHECK(remove_tree(path + "/" + name));
    if (place->directory) disk_->unlink(*place);
    return {};
}

Result<void> SimFiles::rename(const std::string& from, const std::string& to) {
    MILL_CHECK(disk_->play_failure("rename", from));
    const auto source = disk_->find(from);
    const auto target = disk_->find(to);
    if (!source || !source->node || !source->directory) return missing(from);
    if (!target || !target->directory) return missing(to);
    if (target->node == source->node) return {};
    // As POSIX: a directory may take the place of an empty one.
    if (target->node && target->node->is_directory &&
        !(source->node->is_directory && target->node->entries.empty()))
        return fail("io.exists", to + ": is a directory that is not empty");
    disk_->move(*source, *target);
    return {};
}

Result<void> SimFiles::make_directories(const std::string& path) {
    MILL_CHECK(disk_->play_failure("make_directories", path));
    for (std::size_t end = 0; end != path.size();) {
        end = std::min(path.find('/', end + 1), path.size());
        const std::string prefix = path.substr(0, end);
        const auto place = disk_->find(prefix);
        if (!place) return fail("io", prefix + ": its parent is not a directory");
        if (place->node && !place->node->is_directory)
            return fail("io.exists", prefix + ": is a file");
        if (place->node) continue;
        if (disk_->room == 0) return fail("io.no_space", path + ": no space left on device");
        disk_->link(*place, std::make_shared<Node>(true));
    }
    return {};
}

Result<void> SimFiles::sync_directory(const std::string& path) {
    MILL_CHECK(disk_->play_failure("sync_directory", path));
    const auto place = disk_->find(path);
    if (!place || !place->node) return missing(path);
    if (!place->node->is_directory) return fail("io", path + ": is not a directory");
    disk_->sync_entries(place->node);
    return {};
}

Result<std::vector<DirectoryEntry>> SimFiles::list(const std::string& path) {
    MILL_CHECK(disk_->play_failure("list", path));
    const auto place = disk_->find(path);
    if (!place || !place->node) return missing(path);
    if (!place->node->is_directory) return fail("io", path + ": is not a directory");
    std::vector<DirectoryEntry> found;
    for (const auto& [name, node] : place->node->entries)
        found.push_back({name, node->is_directory});
    return found;
}

bool SimFiles::exists(const std::string& path) {
    const auto place = disk_->find(path);
    return place && place->node;
}

Result<void> SimFiles::set_mode(const std::string& path, unsigned) {
    MILL_CHECK(disk_->play_failure("set_mode", path));
    if (!exists(path)) return missing(path);
    return {};
}

}  // namespace mill::sim
