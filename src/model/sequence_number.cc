// SPDX-License-Identifier: Apache-2.0
#include "model/sequence_number.h"

#include <array>
#include <charconv>
#include <cstring>

#include "base/assert.h"

namespace mill::model {
namespace {

// 192 bits, the lowest limb first.
using Limbs = std::array<std::uint32_t, 6>;

constexpr std::int64_t created_s_end =
    16'025'175'000;  // kinesalite: later creation times are refused by AWS
constexpr std::size_t decimal_digits = 56;

Limbs limbs_of(std::uint64_t low, std::uint64_t middle, std::uint64_t high) {
    return {static_cast<std::uint32_t>(low),    static_cast<std::uint32_t>(low >> 32),
            static_cast<std::uint32_t>(middle), static_cast<std::uint32_t>(middle >> 32),
            static_cast<std::uint32_t>(high),   static_cast<std::uint32_t>(high >> 32)};
}

std::string decimal_text(Limbs limbs) {
    std::string text(decimal_digits, '0');
    std::size_t end = decimal_digits;
    while (end > 0) {
        std::uint64_t rest = 0;
        for (std::size_t i = limbs.size(); i-- > 0;) {
            rest = rest << 32 | limbs[i];
            limbs[i] = static_cast<std::uint32_t>(rest / 1'000'000'000);
            rest %= 1'000'000'000;
        }
        for (int digit = 0; digit < 9 && end > 0; ++digit, rest /= 10) {
            text[--end] = static_cast<char>('0' + rest % 10);
        }
    }
    return text;
}

std::optional<Limbs> parse_decimal(std::string_view text) {
    if (text.empty()) return std::nullopt;
    Limbs limbs{};
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        std::uint64_t carry = static_cast<std::uint64_t>(c - '0');
        for (auto& limb : limbs) {
            carry += std::uint64_t{limb} * 10;
            limb = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        if (carry != 0) return std::nullopt;
    }
    return limbs;
}

std::uint64_t bits(const Limbs& limbs, unsigned from, unsigned count) {
    std::uint64_t value = 0;
    for (unsigned i = count; i-- > 0;) {
        value = value << 1 | (limbs[(from + i) / 32] >> ((from + i) % 32) & 1U);
    }
    return value;
}

std::string compose(const ShardIdentity& shard, std::uint64_t index, std::int64_t arrived_s) {
    MILL_ASSERT(index <= 0x7fff'ffff'ffff'ffff);
    const auto created = static_cast<std::uint64_t>(shard.created_s);
    const auto arrived = static_cast<std::uint64_t>(arrived_s);
    const std::uint64_t low = 2 | std::uint64_t{shard.index} << 4 | (arrived & 0xfff'ffff) << 36;
    const std::uint64_t middle = (arrived >> 28 & 0xff) | index << 16;
    const std::uint64_t high = index >> 48 | std::uint64_t{shard.index & 15} << 16 | created << 20 |
                               std::uint64_t{2} << 56;
    return decimal_text(limbs_of(low, middle, high));
}

bool is_zero_from(const Limbs& limbs, unsigned bit) {
    for (unsigned i = bit; i < 192; ++i) {
        if (bits(limbs, i, 1) != 0) return false;
    }
    return true;
}

// Below 2^185: 1 | created (9) | 2 digits | random (16) | shard (4), 32 digits in all.
std::optional<SequenceNumber> parse_version_0(const Limbs& limbs) {
    if (!is_zero_from(limbs, 128)) return std::nullopt;
    SequenceNumber number;
    number.version = 0;
    number.shard.created_s = static_cast<std::int64_t>(bits(limbs, 88, 36));
    number.shard.index = static_cast<std::uint32_t>(bits(limbs, 0, 16));
    if (number.shard.created_s >= created_s_end) return std::nullopt;
    return number;
}

constexpr std::size_t limb_digits = 14;
constexpr std::uint64_t limb_end = 100'000'000'000'000;
// What one record more adds to a number: 2^80, in limbs.
constexpr std::uint64_t step_low = 14'629'174'706'176, step_high = 12'089'258'196;

constexpr std::array<char, 200> digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

void put_pair(char* to, std::uint32_t pair) { std::memcpy(to, &digit_pairs[2 * pair], 2); }
void put_four(char* to, std::uint32_t four) {
    put_pair(to, four / 100);
    put_pair(to + 2, four % 100);
}

}  // namespace

const SequenceText& SequenceNumbers::at(std::uint64_t offset, WallTime arrival) {
    const std::int64_t arrived_s = epoch_s(arrival);
    const bool is_next = is_begun_ && offset == offset_ + 1 && arrived_s == arrived_s_;
    offset_ = offset;
    if (is_next) {
        step();
        return text_;
    }
    is_begun_ = true;
    arrived_s_ = arrived_s;
    text_ = SequenceText(compose(shard_, offset + 1, arrived_s));
    for (std::size_t i = 0; i < limbs_.size(); ++i) {
        const char* digits = text_.chars.data() + (limbs_.size() - 1 - i) * limb_digits;
        std::from_chars(digits, digits + limb_digits, limbs_[i]);
    }
    return text_;
}

void SequenceNumbers::step() {
    limbs_[0] += step_low;
    limbs_[1] += step_high;
    for (std::size_t i = 0; i < limbs_.size(); ++i) {
        const bool carries = limbs_[i] >= limb_end;
        if (carries) {
            limbs_[i] -= limb_end;
            ++limbs_[i + 1];  // the highest one does not: an index keeps its bits
        }
        render(i);
        if (i > 0 && !carries) break;
    }
}

void SequenceNumbers::render(std::size_t limb) {
    char* to = text_.chars.data() + (limbs_.size() - 1 - limb) * limb_digits;
    const auto high = static_cast<std::uint32_t>(limbs_[limb] / 100'000'000);
    const auto low = static_cast<std::uint32_t>(limbs_[limb] % 100'000'000);
    put_pair(to, high / 10'000);
    put_four(to + 2, high % 10'000);
    put_four(to + 6, low / 10'000);
    put_four(to + 10, low % 10'000);
}

std::string sequence_number(const ShardIdentity& shard, std::uint64_t offset, WallTime arrival) {
    return compose(shard, offset + 1, epoch_s(arrival));
}

std::string starting_sequence_number(const ShardIdentity& shard) {
    return compose(shard, 0, shard.created_s);
}

std::string ending_sequence_number(const ShardIdentity& shard, WallTime closed) {
    return compose(shard, 0x7fff'ffff'ffff'ffff, epoch_s(closed));
}

std::optional<SequenceNumber> parse_sequence_number(std::string_view text) {
    constexpr std::size_t digits_max = 129;
    if (text.size() > digits_max) return std::nullopt;
    auto limbs = parse_decimal(text);
    if (!limbs) return std::nullopt;
    if (is_zero_from(*limbs, 124)) (*limbs)[3] |= 1U << 28;  // below 2^124: 2^124 is added
    if (is_zero_from(*limbs, 185)) return parse_version_0(*limbs);
    if (bits(*limbs, 184, 8) != 2) return std::nullopt;

    SequenceNumber number;
    number.version = static_cast<int>(bits(*limbs, 0, 4));
    number.shard.created_s = static_cast<std::int64_t>(bits(*limbs, 148, 36));
    number.shard.index = static_cast<std::uint32_t>(bits(*limbs, 4, 32));
    if (number.shard.created_s >= created_s_end) return std::nullopt;
    if (number.version == 2) {
        number.index = bits(*limbs, 80, 64);
        number.arrived_s = static_cast<std::int64_t>(bits(*limbs, 36, 36));
        if (number.index > 0x7fff'ffff'ffff'ffff) return std::nullopt;
        return number;
    }
    if (number.version != 1) return std::nullopt;
    number.arrived_s = static_cast<std::int64_t>(bits(*limbs, 100, 36));
    return number;
}

std::string shard_id(std::uint32_t index) {
    std::string digits = std::to_string(index);
    return "shardId-" + std::string(digits.size() < 12 ? 12 - digits.size() : 0, '0') + digits;
}

std::optional<std::uint32_t> parse_shard_id(std::string_view text) {
    const std::size_t dash = text.find('-');
    const std::string_view digits = dash == std::string_view::npos ? text : text.substr(dash + 1);
    if (digits.empty()) return std::nullopt;
    std::uint64_t index = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        index = index * 10 + static_cast<std::uint64_t>(c - '0');
        if (index > 0x7fff'ffff) return std::nullopt;
    }
    return static_cast<std::uint32_t>(index);
}

}  // namespace mill::model
