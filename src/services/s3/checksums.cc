// SPDX-License-Identifier: Apache-2.0
#include "services/s3/checksums.h"

#include <openssl/sha.h>

#include <charconv>

namespace mill::s3 {
namespace {

// Reflected CRC, one byte at a time; `polynomial` is reversed.
template <class Word, Word polynomial>
constexpr std::array<Word, 256> crc_table = [] {
    std::array<Word, 256> table{};
    for (unsigned i = 0; i < 256; ++i) {
        Word c = i;
        for (int k = 0; k < 8; ++k) c = c & 1 ? polynomial ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    return table;
}();

template <class Word, Word polynomial>
Word crc(BytesView bytes) {
    Word c = ~Word{0};
    for (unsigned char b : bytes) c = crc_table<Word, polynomial>[(c ^ b) & 255] ^ (c >> 8);
    return ~c;
}

template <class Word>
Bytes big_endian(Word value) {
    Bytes out;
    for (int shift = static_cast<int>(sizeof(Word)) * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(value >> shift & 255);
    }
    return out;
}

Failure incomplete() {
    return fail("IncompleteBody", "The request body terminated unexpectedly", 400);
}

// A line without its CRLF.
std::optional<std::string_view> take_line(BytesView& rest) {
    const std::size_t end = rest.find("\r\n");
    if (end == BytesView::npos) return std::nullopt;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

void take_trailers(BytesView rest, std::map<std::string, std::string>& trailers) {
    while (auto line = take_line(rest)) {
        const std::size_t colon = line->find(':');
        if (colon == std::string_view::npos) break;
        std::string name(line->substr(0, colon));
        for (char& c : name) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        }
        std::string_view value = line->substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        trailers[name] = value.substr(0, value.find_last_not_of(" \n") + 1);
    }
}

}  // namespace

std::uint32_t crc32(BytesView bytes) { return crc<std::uint32_t, 0xEDB88320U>(bytes); }
std::uint64_t crc64_nvme(BytesView bytes) {
    return crc<std::uint64_t, 0x9A6C9329AC4BC9B5ULL>(bytes);
}

std::string checksum_name(std::string algorithm) {
    for (char& c : algorithm) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return algorithm;
}

std::optional<std::string> checksum(std::string_view algorithm, BytesView bytes) {
    if (algorithm == "crc32") return base64_encode(big_endian(crc32(bytes)));
    if (algorithm == "crc32c") return base64_encode(big_endian(crc32c(bytes)));
    if (algorithm == "crc64nvme") return base64_encode(big_endian(crc64_nvme(bytes)));
    if (algorithm == "sha256") return base64_encode(sha256(bytes));
    if (algorithm != "sha1") return std::nullopt;
    Bytes digest(SHA_DIGEST_LENGTH, '\0');
    SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
    return base64_encode(digest);
}

Result<Unchunked> unchunk(BytesView body) {
    Unchunked out;
    while (true) {
        const auto line = take_line(body);
        if (!line) return incomplete();
        std::size_t size = 0;
        const std::string_view digits = line->substr(0, line->find(';'));
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
        if (error != std::errc() || end != digits.data() + digits.size()) return incomplete();
        if (size == 0) break;
        if (body.size() < size || body.substr(size, 2) != "\r\n") return incomplete();
        out.data += body.substr(0, size);
        body.remove_prefix(size + 2);
    }
    take_trailers(body, out.trailers);
    return out;
}

}  // namespace mill::s3
