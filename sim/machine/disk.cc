// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/disk.h"

#include <algorithm>
#include <set>
#include <utility>

namespace mill::sim {
namespace {

constexpr unsigned sectors_per_page = FileContent::page_bytes / FileContent::sector_bytes;

// Whole segment files are written as zeros: compared with itself one byte on, at memcmp's speed.
bool all_zero(BytesView bytes) {
    return bytes.empty() ||
           (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::uint8_t sector_mask(std::size_t at, std::size_t count) {
    const std::size_t first = at / FileContent::sector_bytes;
    const std::size_t last = (at + count - 1) / FileContent::sector_bytes;
    std::uint8_t mask = 0;
    for (std::size_t sector = first; sector <= last; ++sector)
        mask |= static_cast<std::uint8_t>(1u << sector);
    return mask;
}

}  // namespace

const FileContent::Page* FileContent::find(const Pages& pages, std::uint64_t index) {
    const auto found = pages.find(index);
    return found == pages.end() ? nullptr : found->second.get();
}

FileContent::Page& FileContent::writable(Pages& pages, std::uint64_t index) {
    std::shared_ptr<Page>& page = pages[index];
    if (!page) {
        page = std::make_shared<Page>(Page{});
    } else if (page.use_count() > 1) {  // shared with the other of now_ and durable_
        page = std::make_shared<Page>(*page);
    }
    return *page;
}

std::size_t FileContent::read(std::uint64_t offset, char* to, std::size_t count) const {
    if (offset >= size_) return 0;
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
    for (std::size_t done = 0; done < count;) {
        const std::size_t at = (offset + done) % page_bytes;
        const std::size_t step = std::min(count - done, page_bytes - at);
        if (const Page* page = find(now_, (offset + done) / page_bytes)) {
            std::copy_n(page->data() + at, step, to + done);
        } else {
            std::fill_n(to + done, step, '\0');
        }
        done += step;
    }
    return count;
}

void FileContent::write(std::uint64_t offset, BytesView bytes, Random& random) {
    size_ = std::max<std::uint64_t>(size_, bytes.empty() ? 0 : offset + bytes.size());
    while (!bytes.empty()) {
        const std::size_t at = offset % page_bytes;
        const std::size_t step = std::min(bytes.size(), page_bytes - at);
        write_page(offset / page_bytes, at, bytes.substr(0, step), random);
        bytes.remove_prefix(step);
        offset += step;
    }
}

void FileContent::write_page(std::uint64_t index, std::size_t at, BytesView bytes, Random& random) {
    const std::uint8_t mask = sector_mask(at, bytes.size());
    const auto dirty = dirty_.find(index);
    const std::uint8_t again = dirty == dirty_.end() ? 0 : dirty->second & mask;
    for (unsigned sector = 0; again != 0 && sector < sectors_per_page; ++sector) {
        // Overwritten before it was synced: an older version may have reached the disk in the
        // meantime.
        if ((again >> sector & 1) != 0 && random.one_in(4)) harden_sector(index, sector);
    }
    if (find(now_, index) == nullptr && all_zero(bytes)) {
        if (find(durable_, index) != nullptr) dirty_[index] |= mask;
        return;
    }
    Page& page = writable(now_, index);
    std::copy(bytes.begin(), bytes.end(), page.data() + at);
    dirty_[index] |= mask;
}

void FileContent::cut(Pages& pages, std::uint64_t size) {
    std::erase_if(pages, [size](const auto& entry) { return entry.first * page_bytes >= size; });
    if (size % page_bytes == 0 || find(pages, size / page_bytes) == nullptr) return;
    Page& last = writable(pages, size / page_bytes);
    std::fill(last.begin() + static_cast<std::ptrdiff_t>(size % page_bytes), last.end(), '\0');
}

void FileContent::truncate(std::uint64_t size) {
    if (size < size_) {
        for (const Pages* pages : {&now_, &durable_}) {
            for (const auto& [index, page] : *pages) {
                if ((index + 1) * page_bytes > size) dirty_[index] = 0xff;
            }
        }
        cut(now_, size);
    }
    size_ = size;
}

void FileContent::sync() {
    for (const auto& [index, mask] : dirty_) {
        if (const auto found = now_.find(index); found != now_.end()) {
            durable_[index] = found->second;
        } else {
            durable_.erase(index);
        }
    }
    dirty_.clear();
    durable_size_ = size_;
}

void FileContent::set_sector(Pages& pages, std::uint64_t index, unsigned sector, const Page* from) {
    if (from == nullptr && find(pages, index) == nullptr) return;
    char* to = writable(pages, index).data() + sector * sector_bytes;
    if (from == nullptr) {
        std::fill_n(to, sector_bytes, '\0');
    } else {
        std::copy_n(from->data() + sector * sector_bytes, sector_bytes, to);
    }
}

void FileContent::harden_sector(std::uint64_t index, unsigned sector) {
    const auto found = now_.find(index);
    const std::shared_ptr<Page> page = found == now_.end() ? nullptr : found->second;
    set_sector(durable_, index, sector, page.get());
}

void FileContent::fail_sync(Random& random, std::uint32_t tear_bytes) {
    for (const auto& [index, mask] : dirty_) {
        const bool whole = tear_bytes >= page_bytes;
        if (whole && random.one_in(2)) continue;
        for (unsigned sector = 0; sector < sectors_per_page; ++sector) {
            if ((mask >> sector & 1) != 0 && (whole || random.one_in(2)))
                harden_sector(index, sector);
        }
    }
    dirty_.clear();
    if (random.one_in(2)) durable_size_ = size_;
}

void FileContent::lose_power(const DiskFaults& faults, Random& random) {
    enum { nothing, everything, some };
    const auto survives = faults.tear_writes ? random.below(3) : nothing;
    if (survives == everything) sync();
    if (survives == some) {
        fail_sync(random, faults.tear_bytes);
        // A file that was growing may have been caught at any length on the way.
        if (size_ > durable_size_ && random.one_in(2)) {
            durable_size_ +=
                random.below((size_ - durable_size_) / faults.tear_bytes + 1) * faults.tear_bytes;
        }
    }
    now_ = durable_;
    size_ = durable_size_;
    cut(now_, size_);
    durable_ = now_;
    dirty_.clear();
}

std::optional<Disk::Place> Disk::find(const std::string& path) const {
    Place place{nullptr, "", root_};
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string name = path.substr(at, end - at);
        at = end + 1;
        if (name.empty() || name == ".") continue;
        MILL_ASSERT(name != "..");
        if (!place.node || !place.node->is_directory) return std::nullopt;
        const auto found = place.node->entries.find(name);
        place.directory = place.node;
        place.name = name;
        place.node = found == place.directory->entries.end() ? nullptr : found->second;
    }
    return place;
}

void Disk::link(const Place& place, NodePointer node) {
    place.directory->entries[place.name] = node;
    changes_.push_back({{{place.directory, place.name, std::move(node)}}});
}

void Disk::unlink(const Place& place) {
    place.directory->entries.erase(place.name);
    changes_.push_back({{{place.directory, place.name, nullptr}}});
}

void Disk::move(const Place& from, const Place& to) {
    from.directory->entries.erase(from.name);
    to.directory->entries[to.name] = from.node;
    changes_.push_back(
        {{{from.directory, from.name, nullptr}, {to.directory, to.name, from.node}}});
}

void Disk::apply(const Change& change) {
    for (const Change::Name& name : change.names) {
        if (name.node) {
            name.directory->durable_entries[name.name] = name.node;
        } else {
            name.directory->durable_entries.erase(name.name);
        }
    }
}

void Disk::sync_entries(const NodePointer& directory) {
    std::vector<Change> later;
    for (Change& change : changes_) {
        const bool touches = std::ranges::any_of(
            change.names, [&](const auto& n) { return n.directory == directory; });
        if (touches) {
            apply(change);
        } else {
            later.push_back(std::move(change));
        }
    }
    changes_ = std::move(later);
}

void Disk::lose_power(const DiskFaults& faults) {
    // One in three: nothing unsynced survives; one in three: all; else any subset that is
    // consistent.
    const auto mode = faults.lose_directory_entries ? random.below(3) : 1;
    std::set<std::pair<const Node*, std::string>> lost;
    for (const Change& change : std::exchange(changes_, {})) {
        bool survives = mode == 1 || (mode == 2 && random.one_in(2));
        for (const auto& name : change.names)
            survives &= !lost.contains({name.directory.get(), name.name});
        if (survives) {
            apply(change);
            continue;
        }
        for (const auto& name : change.names) lost.insert({name.directory.get(), name.name});
    }
    settle(root_, faults);
    locks.clear();
}

void Disk::settle(const NodePointer& node, const DiskFaults& faults) {
    if (!node->is_directory) {
        node->content.lose_power(faults, random);
        return;
    }
    node->entries = node->durable_entries;
    for (const auto& [name, child] : node->entries) settle(child, faults);
}

std::uint64_t Disk::take_room(std::uint64_t wanted) {
    if (!room) return wanted;
    const std::uint64_t taken = std::min(wanted, *room);
    *room -= taken;
    return taken;
}

Result<void> Disk::play_failure(const std::string& operation, const std::string& path) {
    ++calls[operation];
    for (auto place = injections.begin(); place != injections.end(); ++place) {
        if (place->operation != operation) continue;
        if (place->after_calls > 0) {
            --place->after_calls;
            continue;
        }
        const std::string code = place->code;
        if (!place->lasting) injections.erase(place);
        return fail(code, path + ": " + operation + " failed (injected)");
    }
    return {};
}

}  // namespace mill::sim
