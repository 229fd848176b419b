// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/log_check.h"

#include <fmt/format.h>

#include <array>

namespace mill::sqlite {
namespace {

constexpr std::size_t head_bytes = 32;
constexpr std::size_t frame_head_bytes = 24;
constexpr std::size_t summed_head_bytes = 8;  // of a frame's head
constexpr std::uint32_t magic = 0x377f0682;   // one more: sums of big-endian words
constexpr std::uint64_t application_id_at = 68;

std::uint32_t word_at(BytesView bytes, std::size_t at) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i)
        word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
    return word;
}

struct Sum {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    bool operator==(const Sum&) const = default;
};

class LogReader {
  public:
    explicit LogReader(BytesView log) : log_(log) {
        if (log.size() < head_bytes || (word_at(log, 0) & ~1u) != magic) return;
        is_big_endian_ = (word_at(log, 0) & 1) != 0;
        const std::size_t page_bytes = word_at(log, 8);
        if (page_bytes < 512 || page_bytes > 65536 || page_bytes % 8 != 0) return;
        const Sum sum = sum_of(log.substr(0, head_bytes - 8), {});
        if (sum != sum_at(head_bytes - 8)) return;
        head_sum_ = sum;
        frame_bytes_ = frame_head_bytes + page_bytes;
    }

    bool has_head() const { return frame_bytes_ != 0; }
    std::size_t frames() const { return (log_.size() - head_bytes) / frame_bytes_; }
    std::size_t position(std::size_t frame) const { return head_bytes + frame * frame_bytes_; }
    bool ends_commit(std::size_t frame) const { return word_at(log_, position(frame) + 4) != 0; }
    // By what the frame before says of itself, whole or not.
    bool follows(std::size_t frame) const {
        const std::size_t at = position(frame);
        if (log_.substr(at + 8, 8) != log_.substr(16, 8)) return false;  // salts: an older log's
        Sum sum = frame == 0 ? head_sum_ : sum_at(position(frame - 1) + 16);
        sum = sum_of(log_.substr(at, summed_head_bytes), sum);
        sum = sum_of(log_.substr(at + frame_head_bytes, frame_bytes_ - frame_head_bytes), sum);
        return sum == sum_at(at + 16);
    }

  private:
    Sum sum_at(std::size_t at) const { return {word_at(log_, at), word_at(log_, at + 4)}; }
    Sum sum_of(BytesView bytes, Sum sum) const {
        for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
            sum.a += sum_word(bytes, at) + sum.b;
            sum.b += sum_word(bytes, at + 4) + sum.a;
        }
        return sum;
    }
    std::uint32_t sum_word(BytesView bytes, std::size_t at) const {
        return is_big_endian_ ? word_at(bytes, at) : load_le<std::uint32_t>(bytes.data() + at);
    }

    BytesView log_;
    bool is_big_endian_ = false;
    Sum head_sum_;
    std::size_t frame_bytes_ = 0;
};

}  // namespace

Result<void> check_log(BytesView log, const std::string& path) {
    const LogReader reader(log);
    // SQLite writes the head again over a log that the table has all of; a write of it that failed
    // leaves the same.
    if (!reader.has_head()) return {};
    std::size_t end = 0;
    while (end < reader.frames() && reader.follows(end)) ++end;
    // A write that failed may have left the half of a frame over one of an earlier transaction that
    // failed; so the end of the commit has to be whole too.
    bool proves = false;  // the frame before, if another follows
    for (std::size_t frame = end + 1; frame < reader.frames(); ++frame) {
        const bool whole = reader.follows(frame);
        if (whole && proves)
            return fail("storage.corrupt",
                        fmt::format("{} at byte {}: a commit of the table is damaged, and later "
                                    "ones are there",
                                    path, reader.position(end)));
        proves = whole && reader.ends_commit(frame);
    }
    return {};
}

bool has_head(BytesView log) { return LogReader(log).has_head(); }

Result<bool> is_log_synced(machine::Files& files, const std::string& path) {
    if (!files.exists(path)) return true;
    MILL_TRY(const auto file, files.open(path, machine::Open::read));
    std::array<char, 4> id = {};
    MILL_TRY(const std::size_t count, file->read_at(application_id_at, id.data(), id.size()));
    return count < id.size() || word_at({id.data(), id.size()}, 0) != application_id_unsynced;
}

}  // namespace mill::sqlite
