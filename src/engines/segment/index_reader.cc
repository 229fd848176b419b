// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/index_reader.h"

namespace mill::segment {

std::shared_ptr<const IndexPage> IndexCache::find(Key key) {
    const std::scoped_lock lock(mutex_);
    const auto found = pages_.find(key);
    if (found == pages_.end()) return nullptr;
    used_.splice(used_.end(), used_, found->second.used);
    return found->second.page;
}

void IndexCache::add(Key key, std::shared_ptr<const IndexPage> page) {
    const std::scoped_lock lock(mutex_);
    if (pages_.contains(key)) return;
    pages_[key] = {std::move(page), used_.insert(used_.end(), key)};
    if (pages_.size() <= pages_max_) return;
    pages_.erase(used_.front());
    used_.pop_front();
}

void IndexCache::forget(std::uint64_t segment) {
    const std::scoped_lock lock(mutex_);
    const auto begin = pages_.lower_bound({segment, 0});
    const auto end = pages_.lower_bound({segment + 1, 0});
    for (auto at = begin; at != end; ++at) used_.erase(at->second.used);
    pages_.erase(begin, end);
}

Result<IndexHead> IndexReader::head(machine::Files& files, const std::string& path,
                                    const Head::Sealed& sealed) {
    const auto damaged = [&](const std::string& what) {
        return fail(std::string(index_damaged), path + " at byte 0: " + what);
    };
    if (!files.exists(path)) return damaged("it is missing");
    MILL_TRY(auto file, files.open(path, machine::Open::read));
    MILL_TRY(const std::uint64_t size, file->size());
    Bytes bytes(std::min<std::uint64_t>(size, index_page_bytes), '\0');
    MILL_TRY(const std::size_t first, file->read_at(0, bytes.data(), bytes.size()));
    bytes.resize(first);
    const auto length = index_head_length(bytes, path);
    if (!length || *length > size) return damaged("its head is damaged");
    bytes.resize(*length);
    MILL_TRY(const std::size_t rest,
             file->read_at(first, bytes.data() + first, bytes.size() - first));
    bytes.resize(first + rest);
    auto head = decode_index_head(bytes, path);
    if (!head) return damaged("its head is damaged");
    if (head->segment != sealed.number || head->end != sealed.end ||
        head->last_crc != sealed.last_crc || head->whole_bytes() != size)
        return damaged("it is not its segment's");
    return head;
}

Result<Place> IndexReader::place(const IndexSource& index, std::uint64_t number) {
    MILL_TRY(const auto found, page(index, number / places_per_page));
    return (*found)[number % places_per_page];
}

Result<std::shared_ptr<const IndexPage>> IndexReader::page(const IndexSource& index,
                                                           std::uint64_t number) {
    const IndexCache::Key key{index.segment, number};
    if (last_ && last_key_ == key) return last_;
    std::shared_ptr<const IndexPage> found = index.bytes ? nullptr : cache_->find(key);
    if (!found) {
        MILL_TRY(IndexPage read, read_page(index, number));
        found = std::make_shared<const IndexPage>(read);
        if (!index.bytes) cache_->add(key, found);
    }
    last_key_ = key;
    last_ = found;
    return found;
}

Result<IndexPage> IndexReader::read_page(const IndexSource& index, std::uint64_t number) {
    const std::string path = directory_ + "/" + index_name(index.segment);
    const std::uint64_t position = index.pages_at + number * index_page_bytes;
    Bytes bytes(index_page_bytes, '\0');
    if (index.bytes) {
        return decode_index_page(BytesView(*index.bytes).substr(position), index.salt, number, path,
                                 position);
    }
    if (!file_ || opened_ != index.segment) {
        auto file = files_.open(path, machine::Open::read);
        if (!file && file.error().code == "io.not_found")
            return fail(std::string(index_damaged), path + " is missing");
        if (!file) return Failure(file.error());
        file_ = *std::move(file);
        opened_ = index.segment;
    }
    MILL_TRY(const std::size_t count, file_->read_at(position, bytes.data(), bytes.size()));
    bytes.resize(count);
    auto page = decode_index_page(bytes, index.salt, number, path, position);
    if (!page) return fail(std::string(index_damaged), page.error().message);
    return page;
}

}  // namespace mill::segment
