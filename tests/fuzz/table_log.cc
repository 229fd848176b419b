// SPDX-License-Identifier: Apache-2.0
// SQLite's write-ahead log: any bytes are judged, a whole one is sound, also with what a torn
// commit or an older log left behind it, and a changed byte of a page before a later commit is
// noticed.
#include <vector>

#include "engines/sqlite/log_check.h"
#include "fuzz.h"

namespace mill::sqlite {
namespace {

constexpr std::size_t page_bytes = 512;

struct Sum {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
};

void put(Bytes& to, std::uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(word >> shift);
}

// Of big-endian words.
Sum sum_of(BytesView bytes, Sum sum) {
    const auto word = [bytes](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
        return value;
    };
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        sum.a += word(at) + sum.b;
        sum.b += word(at + 4) + sum.a;
    }
    return sum;
}

class Builder {
  public:
    explicit Builder(std::uint32_t salt) : salt_(salt) {
        for (const std::uint32_t word :
             {0x377f0683u, 3007000u, std::uint32_t{page_bytes}, 0u, salt, 7u})
            put(log, word);
        end_with_sum(sum_of(log, {}));
    }

    void add(BytesView page, bool ends_commit) {
        Bytes head;
        put(head, 1);
        put(head, ends_commit ? 1 : 0);
        Bytes padded(page);
        padded.resize(page_bytes, 'p');
        const Sum sum = sum_of(padded, sum_of(head, sum_));
        pages.push_back(log.size() + 24);
        if (ends_commit) commits.push_back(pages.size() - 1);
        log += head;
        put(log, salt_);
        put(log, 7);
        end_with_sum(sum);
        log += padded;
    }

    Bytes log;
    std::vector<std::size_t> pages;    // where each begins
    std::vector<std::size_t> commits;  // their last frames

  private:
    void end_with_sum(Sum sum) {
        sum_ = sum;
        put(log, sum.a);
        put(log, sum.b);
    }
    std::uint32_t salt_;
    Sum sum_;
};

Builder build(fuzz::Input& input) {
    Builder built(input.number<std::uint8_t>());
    for (std::size_t frames = input.below(20); frames > 0; --frames) {
        const bool ends_commit = input.flag();
        built.add(input.take(input.number<std::uint8_t>()), ends_commit);
    }
    return built;
}

}  // namespace
}  // namespace mill::sqlite

void mill::fuzz::run(std::string_view bytes) {
    (void)sqlite::check_log(bytes, "f");
    Input input(bytes);
    sqlite::Builder built = sqlite::build(input);
    MILL_ASSERT(sqlite::check_log(built.log, "f"));
    MILL_ASSERT(
        sqlite::check_log(BytesView(built.log).substr(0, input.below(built.log.size())), "f"));
    if (built.pages.empty()) return;
    const std::size_t frame = input.below(built.pages.size());
    const std::size_t at = built.pages[frame] + input.below(sqlite::page_bytes);
    built.log[at] = static_cast<char>(built.log[at] ^ (1 << input.below(8)));
    const bool is_proven = std::ranges::any_of(built.commits, [&](std::size_t last) {
        return last > frame && last + 1 < built.pages.size();
    });
    MILL_ASSERT(sqlite::check_log(built.log, "f").has_value() == !is_proven);
}
