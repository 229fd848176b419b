// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/more_functions.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "services/cloudformation/function_check.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

Failure template_error(std::string_view text) {
    return fail("ValidationError", fmt::format("Template error: {}", text), 400);
}

std::optional<std::size_t> number_of(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// An address of either kind: 4 or 16 bytes, the first `size` of `bytes`.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;
};

std::optional<Address> ipv4(std::string_view text) {
    Address address{.size = 4};
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t dot = text.find('.');
        if ((dot == text.npos) != (i == 3)) return std::nullopt;
        const auto part = number_of(text.substr(0, dot));
        if (!part || *part > 255) return std::nullopt;
        address.bytes[i] = static_cast<std::uint8_t>(*part);
        text.remove_prefix(i == 3 ? 0 : dot + 1);
    }
    return address;
}

// Groups of four hexadecimal digits into `out`; how many, or nothing if they are none.
std::optional<std::size_t> ipv6_groups(std::string_view text, std::array<std::uint16_t, 8>& out) {
    std::size_t count = 0;
    while (!text.empty()) {
        const std::string_view group = text.substr(0, text.find(':'));
        std::uint16_t value = 0;
        const auto [end, error] =
            std::from_chars(group.data(), group.data() + group.size(), value, 16);
        const bool is_hex = error == std::errc() && end == group.data() + group.size();
        if (!is_hex || group.size() > 4 || count == out.size()) return std::nullopt;
        out[count++] = value;
        if (group.size() == text.size()) break;
        text.remove_prefix(group.size() + 1);
        if (text.empty()) return std::nullopt;  // a colon at the end
    }
    return count;
}

std::optional<Address> ipv6(std::string_view text) {
    const std::size_t gap = text.find("::");
    std::array<std::uint16_t, 8> front{}, back{};
    const auto before = ipv6_groups(text.substr(0, gap), front);
    const auto after = gap == text.npos ? std::size_t{0} : ipv6_groups(text.substr(gap + 2), back);
    if (!before || !after) return std::nullopt;
    if (gap == text.npos ? *before != 8 : *before + *after > 7) return std::nullopt;
    for (std::size_t i = 0; i < *after; ++i) front[8 - *after + i] = back[i];
    Address address{.size = 16};
    for (std::size_t i = 0; i < 8; ++i) {
        address.bytes[2 * i] = static_cast<std::uint8_t>(front[i] >> 8);
        address.bytes[2 * i + 1] = static_cast<std::uint8_t>(front[i]);
    }
    return address;
}

struct Block {
    Address address;
    std::size_t prefix = 0;  // bits
};

std::optional<Block> block_of(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    const std::string_view address = text.substr(0, slash);
    const auto parsed = address.contains(':') ? ipv6(address) : ipv4(address);
    const auto prefix = number_of(text.substr(slash + 1));
    if (!parsed || !prefix || *prefix > parsed->size * 8) return std::nullopt;
    Block block{*parsed, *prefix};
    for (std::size_t bit = block.prefix; bit < block.address.size * 8; ++bit)
        block.address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80 >> (bit % 8)));
    return block;
}

// The block moved on by one of 2^bits addresses.
void advance(Address& address, std::size_t bits) {
    const std::size_t lowest = address.size - 1 - bits / 8;
    unsigned carry = 1U << (bits % 8);
    for (std::size_t i = lowest + 1; i-- > 0 && carry != 0;) {
        carry += address.bytes[i];
        address.bytes[i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
}

std::string text_of_block(const Address& address, std::size_t prefix) {
    const auto& b = address.bytes;
    if (address.size == 4) return fmt::format("{}.{}.{}.{}/{}", b[0], b[1], b[2], b[3], prefix);
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) groups[i] = b[2 * i] * 256U + b[2 * i + 1];
    std::size_t gap = 0, gap_size = 0;  // the first of the longest runs of zeros
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t end = i;
        while (end < 8 && groups[end] == 0) ++end;
        if (end - i > gap_size) gap = i, gap_size = end - i;
    }
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (gap_size > 1 && i == gap) {
            out += "::";
            i += gap_size - 1;
            continue;
        }
        if (!out.empty() && !out.ends_with(':')) out += ':';
        out += fmt::format("{:x}", groups[i]);
    }
    return fmt::format("{}/{}", out, prefix);
}

}  // namespace

Value::List availability_zones(const std::string& region) {
    const std::string_view letters = region == "us-east-1"   ? "abcdef"
                                     : region == "us-west-2" ? "abcd"
                                                             : "abc";
    Value::List zones;
    for (const char letter : letters) zones.emplace_back(region + letter);
    return zones;
}

Evaluated do_get_azs(const Value& argument, const Context& context) {
    MILL_TRY(std::optional<Value> value, evaluate(argument, context));
    if (!value || !value->string()) return template_error(get_azs_misuse);
    if (!value->string()->empty()) return Value(availability_zones(*value->string()));
    MILL_TRY(const Value region, context.references.ref("AWS::Region"));
    return Value(availability_zones(scalar_text(region).value_or("")));
}

// [block, count, bits]: `count` blocks of 2^bits addresses each.
Evaluated do_cidr(const Value& argument, const Context& context) {
    constexpr std::size_t count_max = 256;
    MILL_TRY(std::optional<Value> value, evaluate(argument, context));
    const Value::List* items = value ? value->items() : nullptr;
    if (!items || items->size() != 3) return template_error(cidr_misuse);
    std::array<std::string, 3> texts;
    for (std::size_t i = 0; i < 3; ++i) texts[i] = scalar_text((*items)[i]).value_or("");
    if (texts[0].contains(known_after_apply)) return Value(known_after_apply);
    const auto block = block_of(texts[0]);
    const auto count = number_of(texts[1]), bits = number_of(texts[2]);
    if (!block || !count || !bits) return template_error(cidr_misuse);
    const std::size_t all_bits = block->address.size * 8;
    const std::size_t prefix = all_bits - std::min(all_bits, *bits);
    const bool fits = *bits > 0 && *bits < all_bits && prefix >= block->prefix &&
                      (prefix - block->prefix >= 8 || *count <= 1U << (prefix - block->prefix));
    if (*count < 1 || *count > count_max || !fits) {
        return template_error(fmt::format(
            "Fn::Cidr cannot make {} blocks of {} bits each of {}; the count is 1 to {}", texts[1],
            texts[2], texts[0], count_max));
    }
    Value::List blocks;
    Address at = block->address;
    for (std::size_t i = 0; i < *count; ++i, advance(at, *bits))
        blocks.emplace_back(text_of_block(at, prefix));
    return Value(std::move(blocks));
}

Evaluated do_length(const Value& argument, const Context& context) {
    MILL_TRY(std::optional<Value> value, evaluate(argument, context));
    if (!value || !value->items()) return template_error(length_misuse);
    return Value(value->items()->size());
}

Evaluated do_to_json_string(const Value& argument, const Context& context) {
    MILL_TRY(std::optional<Value> value, evaluate(argument, context));
    if (!value || (!value->items() && !value->members()))
        return template_error(to_json_string_misuse);
    return Value(write_json(*value));
}

}  // namespace mill::cloudformation
