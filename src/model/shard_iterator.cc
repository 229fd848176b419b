// SPDX-License-Identifier: Apache-2.0
#include "model/shard_iterator.h"

#include <fmt/format.h>

#include "model/limits.h"

namespace mill::model {
namespace {

constexpr std::string_view prefix{"\0\0\0\0\0\0\0\1", 8};  // as AWS's iterators begin
constexpr std::size_t mac_bytes = 16;
constexpr std::string_view iterator_purpose = "shard-iterator";

Bytes mac_of(BytesView key, std::string_view purpose, BytesView rest) {
    Bytes message(purpose);
    message += '\0';
    message += rest;
    return hmac_sha256(key, message).substr(0, mac_bytes);
}

// In time that does not depend on where the texts differ.
bool equal(BytesView a, BytesView b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

void append_text(Bytes& out, std::string_view text) {
    append_le<std::uint16_t>(out, static_cast<std::uint16_t>(text.size()));
    out += text;
}

// Takes values off the front; a token that is sealed yet too short was written by another version.
class Reader {
  public:
    explicit Reader(BytesView rest) : rest_(rest) {}
    template <class T>
    T number() {
        if (rest_.size() < sizeof(T)) return bad_ = true, T{};
        const T value = load_le<T>(rest_.data());
        rest_.remove_prefix(sizeof(T));
        return value;
    }
    std::string text() {
        const std::size_t size = number<std::uint16_t>();
        if (rest_.size() < size) return bad_ = true, std::string();
        std::string value(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return value;
    }
    bool is_complete() const { return !bad_ && rest_.empty(); }

  private:
    BytesView rest_;
    bool bad_ = false;
};

}  // namespace

std::string seal_token(BytesView key, std::string_view purpose, BytesView payload) {
    Bytes token(prefix);
    token += payload;
    token += mac_of(key, purpose, token);
    return base64_encode(token);
}

std::optional<Bytes> open_token(BytesView key, std::string_view purpose, std::string_view text) {
    auto token = base64_decode(text);
    if (!token || token->size() < prefix.size() + mac_bytes || !token->starts_with(prefix))
        return std::nullopt;
    const BytesView sealed = BytesView(*token).substr(0, token->size() - mac_bytes);
    if (!equal(mac_of(key, purpose, sealed), BytesView(*token).substr(sealed.size())))
        return std::nullopt;
    return Bytes(sealed.substr(prefix.size()));
}

std::string write_shard_iterator(BytesView key, const ShardIterator& iterator) {
    Bytes payload;
    append_le<std::int64_t>(payload, epoch_ms(iterator.issued));
    append_le<std::uint64_t>(payload, iterator.stream_tag);
    append_le<std::uint64_t>(payload, iterator.offset);
    append_le<std::uint32_t>(payload, iterator.shard);
    append_text(payload, iterator.account);
    append_text(payload, iterator.region);
    append_text(payload, iterator.stream);
    return seal_token(key, iterator_purpose, payload);
}

Result<ShardIterator> read_shard_iterator(BytesView key, std::string_view text, WallTime now) {
    const auto payload = open_token(key, iterator_purpose, text);
    if (!payload) return fail("InvalidArgumentException", "Invalid ShardIterator.", 400);
    Reader reader(*payload);
    ShardIterator iterator;
    iterator.issued = from_epoch_ms(reader.number<std::int64_t>());
    iterator.stream_tag = reader.number<std::uint64_t>();
    iterator.offset = reader.number<std::uint64_t>();
    iterator.shard = reader.number<std::uint32_t>();
    iterator.account = reader.text();
    iterator.region = reader.text();
    iterator.stream = reader.text();
    if (!reader.is_complete() || epoch_ms(iterator.issued) < 0)
        return fail("InvalidArgumentException", "Invalid ShardIterator.", 400);
    if (now - iterator.issued > limits::kinesis::iterator_life) {
        return fail(
            "ExpiredIteratorException",
            fmt::format("Iterator expired. The iterator was created at time {} while right now it "
                        "is {} which is "
                        "further in the future than the tolerated delay of {} milliseconds.",
                        java_date(iterator.issued), java_date(now),
                        limits::kinesis::iterator_life.count()),
            400);
    }
    return iterator;
}

std::string java_date(WallTime time) {
    // http_date gives "Thu, 22 Jan 2015 01:22:02 GMT".
    const std::string http = http_date(time);
    return fmt::format("{} {} {} {} UTC {}", http.substr(0, 3), http.substr(8, 3),
                       http.substr(5, 2), http.substr(17, 8), http.substr(12, 4));
}

}  // namespace mill::model
