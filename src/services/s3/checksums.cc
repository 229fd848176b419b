// SPDX-License-Identifier: Apache-2.0
#include "services/s3/checksums.h"

#include <algorithm>
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
Word crc(BytesView bytes, Word before) {
    Word c = ~before;
    for (unsigned char b : bytes) c = crc_table<Word, polynomial>[(c ^ b) & 255] ^ (c >> 8);
    return ~c;
}

Bytes big_endian(std::uint64_t value, std::size_t bytes) {
    Bytes out;
    for (std::size_t i = bytes; i > 0; --i) out += static_cast<char>(value >> (8 * i - 8) & 255);
    return out;
}

std::string in_case(std::string text, char from, char to, int step) {
    for (char& c : text) {
        if (c >= from && c <= to) c = static_cast<char>(c + step);
    }
    return text;
}

// Polynomials over GF(2), reflected: the highest bit is x^0.
template <class Word>
Word product(Word a, Word b, Word polynomial) {
    Word out = 0;
    for (Word bit = Word{1} << (sizeof(Word) * 8 - 1); bit != 0; bit >>= 1) {
        if (a & bit) out ^= b;
        b = b & 1 ? polynomial ^ (b >> 1) : b >> 1;
    }
    return out;
}

// Behind `bytes` more bytes, all zero, `crc` counts as its product with x^(8 * bytes).
template <class Word>
Word shifted(Word crc, std::uint64_t bytes, Word polynomial) {
    Word power = Word{1} << (sizeof(Word) * 8 - 2);  // x
    for (int i = 0; i < 3; ++i) power = product(power, power, polynomial);
    for (; bytes != 0; bytes >>= 1) {
        if (bytes & 1) crc = product(power, crc, polynomial);
        power = product(power, power, polynomial);
    }
    return crc;
}

constexpr std::uint32_t crc32_polynomial = 0xEDB88320U, crc32c_polynomial = 0x82F63B78U;
constexpr std::uint64_t crc64_polynomial = 0x9A6C9329AC4BC9B5ULL;

std::size_t crc_bytes(std::string_view algorithm) {
    return algorithm == "crc64nvme" ? sizeof(std::uint64_t) : sizeof(std::uint32_t);
}

constexpr int to_lower = 'a' - 'A';
constexpr std::string_view known[] = {"crc32", "crc32c", "crc64nvme", "sha1", "sha256"};

}  // namespace

std::uint32_t crc32(BytesView bytes, std::uint32_t before) {
    return crc<std::uint32_t, crc32_polynomial>(bytes, before);
}
std::uint64_t crc64_nvme(BytesView bytes, std::uint64_t before) {
    return crc<std::uint64_t, crc64_polynomial>(bytes, before);
}

std::uint64_t combined_crc(std::string_view algorithm, std::uint64_t first, BytesView raw,
                           std::uint64_t bytes) {
    std::uint64_t second = 0;
    for (const unsigned char b : raw) second = second << 8 | b;
    if (algorithm == "crc64nvme") return shifted(first, bytes, crc64_polynomial) ^ second;
    const std::uint32_t polynomial = algorithm == "crc32" ? crc32_polynomial : crc32c_polynomial;
    return shifted(static_cast<std::uint32_t>(first), bytes, polynomial) ^ second;
}

std::string crc_text(std::string_view algorithm, std::uint64_t crc) {
    return base64_encode(big_endian(crc, crc_bytes(algorithm)));
}

bool is_crc(std::string_view algorithm) { return algorithm.starts_with("crc"); }

std::string checksum_name(std::string algorithm) {
    return in_case(std::move(algorithm), 'a', 'z', -to_lower);
}
std::string checksum_key(std::string name) { return in_case(std::move(name), 'A', 'Z', to_lower); }

Failure unknown_checksum(const std::string& algorithm) {
    return fail("NotImplemented",
                "Millrace does not support checksums of " + checksum_name(algorithm) +
                    " yet. Use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.",
                501);
}

Failure incomplete_body() {
    return fail("IncompleteBody", "The request body terminated unexpectedly", 400);
}

Failure malformed_trailer() {
    return fail("MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform "
                "to our published schema.",
                400);
}

bool Checksum::is_known(std::string_view algorithm) {
    return std::ranges::find(known, algorithm) != std::ranges::end(known);
}

Checksum::Checksum(std::string algorithm) : algorithm_(std::move(algorithm)) {
    if (algorithm_ == "sha1") digest_.emplace(Digest::Kind::sha1);
    if (algorithm_ == "sha256") digest_.emplace(Digest::Kind::sha256);
}

void Checksum::add(BytesView bytes) {
    if (digest_) {
        digest_->add(bytes);
    } else if (algorithm_ == "crc64nvme") {
        crc_ = crc64_nvme(bytes, crc_);
    } else {
        const auto before = static_cast<std::uint32_t>(crc_);
        crc_ = algorithm_ == "crc32" ? crc32(bytes, before) : crc32c(bytes, before);
    }
}

Bytes Checksum::raw() {
    if (digest_) return digest_->finish();
    return big_endian(crc_,
                      algorithm_ == "crc64nvme" ? sizeof(std::uint64_t) : sizeof(std::uint32_t));
}

std::string checksum(std::string_view algorithm, BytesView bytes) {
    Checksum sum{std::string(algorithm)};
    sum.add(bytes);
    return base64_encode(sum.raw());
}

// A line without its end, once that is there; empty before.
std::optional<std::string> Unchunker::take_line(BytesView& piece) {
    const std::size_t end = piece.find('\n');
    const std::size_t count = end == BytesView::npos ? piece.size() : end + 1;
    line_ += piece.substr(0, count);
    piece.remove_prefix(count);
    if (end == BytesView::npos) return std::nullopt;
    line_.pop_back();
    if (line_.ends_with('\r')) line_.pop_back();
    return std::exchange(line_, {});
}

Result<void> Unchunker::take_size(const std::string& line) {
    const std::string_view digits = std::string_view(line).substr(0, line.find(';'));
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (error != std::errc() || end != digits.data() + digits.size()) return incomplete_body();
    phase_ = left_ == 0 ? Phase::trailers : Phase::data;
    return {};
}

void Unchunker::take_trailer(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    trailers_[checksum_key(std::string(line.substr(0, colon)))] =
        value.substr(0, value.find_last_not_of(' ') + 1);
}

Result<std::vector<BytesView>> Unchunker::take(BytesView piece) {
    constexpr std::size_t line_bytes_max = 4096, trailers_max = 16;
    std::vector<BytesView> data;
    while (!piece.empty()) {
        if (phase_ == Phase::data) {
            data.push_back(piece.substr(0, left_));
            piece.remove_prefix(data.back().size());
            left_ -= data.back().size();
            if (left_ == 0) phase_ = Phase::data_end;
            continue;
        }
        const auto line = take_line(piece);
        if (std::max(line_.size(), line ? line->size() : 0) > line_bytes_max)
            return incomplete_body();
        if (!line) break;
        if (phase_ == Phase::size) {
            MILL_CHECK(take_size(*line));
        } else if (phase_ == Phase::trailers) {
            take_trailer(*line);
            if (trailers_.size() > trailers_max) return malformed_trailer();
        } else if (line->empty()) {
            phase_ = Phase::size;
        } else {
            return incomplete_body();
        }
    }
    return data;
}

Result<void> Unchunker::finish() const {
    return phase_ == Phase::trailers ? Result<void>() : incomplete_body();
}

}  // namespace mill::s3
