// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/message.h"

namespace mill::sqs {
namespace {

constexpr char version = 1;
constexpr std::size_t batch_header_bytes = 1 + 8;
constexpr std::size_t record_header_bytes = 1 + 4;  // kind, bytes that follow
constexpr std::size_t number_bytes = 8;

void append_text(Bytes& out, BytesView text) {
    append_le(out, static_cast<std::uint32_t>(text.size()));
    out += text;
}

void append_attributes(Bytes& out, const MessageAttributes& attributes) {
    append_le(out, static_cast<std::uint32_t>(attributes.size()));
    for (const auto& [name, attribute] : attributes) {
        append_text(out, name);
        append_text(out, attribute.data_type);
        out += static_cast<char>(attribute.is_binary);
        append_text(out, attribute.value);
    }
}

// Reads what append_... wrote; says afterwards whether all of it was there.
class Reader {
  public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}
    bool is_good() const { return is_good_; }

    template <class T>
    T number() {
        const BytesView raw = take(sizeof(T));
        return is_good_ ? load_le<T>(raw.data()) : T{};
    }
    BytesView text() { return take(number<std::uint32_t>()); }
    MessageAttributes attributes() {
        MessageAttributes found;
        for (auto left = number<std::uint32_t>(); left > 0 && is_good_; --left) {
            std::string name(text());
            MessageAttribute& attribute = found[std::move(name)];
            attribute.data_type = text();
            attribute.is_binary = number<std::uint8_t>() != 0;
            attribute.value = text();
        }
        return found;
    }

  private:
    BytesView take(std::size_t bytes) {
        is_good_ = is_good_ && bytes <= rest_.size();
        if (!is_good_) return {};
        const BytesView taken = rest_.substr(0, bytes);
        rest_.remove_prefix(bytes);
        return taken;
    }
    BytesView rest_;
    bool is_good_ = true;
};

WallTime time_of(std::uint64_t ms) { return from_epoch_ms(static_cast<std::int64_t>(ms)); }

std::size_t size_of(const MessageAttributes& attributes) {
    std::size_t bytes = 0;
    for (const auto& [name, attribute] : attributes)
        bytes += name.size() + attribute.data_type.size() + attribute.value.size();
    return bytes;
}

void append_big_endian(Bytes& out, BytesView text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
    out += text;
}

}  // namespace

std::size_t size_of(const Content& content) {
    return content.body.size() + size_of(content.attributes);
}

std::string md5_hex(BytesView bytes) {
    const Digest16 digest = md5(bytes);
    return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string md5_of(const MessageAttributes& attributes) {
    if (attributes.empty()) return {};
    Bytes text;  // by name
    for (const auto& [name, attribute] : attributes) {
        append_big_endian(text, name);
        append_big_endian(text, attribute.data_type);
        text += static_cast<char>(attribute.is_binary ? 2 : 1);
        append_big_endian(text, attribute.value);
    }
    return md5_hex(text);
}

RecordCursor::RecordCursor(BytesView payload) {
    if (payload.size() < batch_header_bytes || payload.front() != version) return;
    next_number_ = load_le<std::uint64_t>(payload.data() + 1);
    rest_ = payload.substr(batch_header_bytes);
}

std::optional<RecordView> RecordCursor::next() {
    if (rest_.size() < record_header_bytes + number_bytes) return std::nullopt;
    const auto kind = static_cast<RecordKind>(rest_.front());
    const std::size_t size = load_le<std::uint32_t>(rest_.data() + 1);
    if (size < number_bytes || size > rest_.size() - record_header_bytes) return std::nullopt;
    RecordView view{.kind = kind, .raw = rest_.substr(0, record_header_bytes + size)};
    Reader reader(view.raw.substr(record_header_bytes));
    view.number = reader.number<std::uint64_t>();
    if (kind == RecordKind::message) {
        view.sent = time_of(reader.number<std::uint64_t>());
        view.available = time_of(reader.number<std::uint64_t>());
        view.message_id = reader.text();
        view.group_id = reader.text();
        view.deduplication_id = reader.text();
    }
    if (kind == RecordKind::reception) {
        view.receives = reader.number<std::uint32_t>();
        view.first_received = time_of(reader.number<std::uint64_t>());
    }
    if (!reader.is_good()) return std::nullopt;
    rest_.remove_prefix(view.raw.size());
    return view;
}

Result<Content> content_of(const RecordView& message) {
    Reader reader(message.raw.substr(record_header_bytes));
    reader.number<std::uint64_t>();
    reader.number<std::uint64_t>();
    reader.number<std::uint64_t>();
    Content content;
    content.message_id = reader.text();
    content.group_id = reader.text();
    content.deduplication_id = reader.text();
    content.sender_id = reader.text();
    content.source_arn = reader.text();
    content.attributes = reader.attributes();
    content.system_attributes = reader.attributes();
    content.body = reader.text();
    if (!reader.is_good()) return fail("sqs.malformed", "a message is not as it was written");
    return content;
}

void RecordsBuilder::add_message(Number number, WallTime sent, WallTime available,
                                 const Content& content) {
    Bytes record;
    record.reserve(content.body.size() + 256);
    append_le(record, number);
    append_le(record, static_cast<std::uint64_t>(epoch_ms(sent)));
    append_le(record, static_cast<std::uint64_t>(epoch_ms(available)));
    for (const std::string* text :
         {&content.message_id, &content.group_id, &content.deduplication_id, &content.sender_id,
          &content.source_arn}) {
        append_text(record, *text);
    }
    append_attributes(record, content.attributes);
    append_attributes(record, content.system_attributes);
    append_text(record, content.body);
    payload_ += static_cast<char>(RecordKind::message);
    append_text(payload_, record);
    ++records_;
}

void RecordsBuilder::add_mark(RecordKind kind, Number number) {
    payload_ += static_cast<char>(kind);
    append_le(payload_, static_cast<std::uint32_t>(number_bytes));
    append_le(payload_, number);
    ++records_;
}

void RecordsBuilder::add_reception(Number number, std::uint32_t receives, WallTime first_received) {
    payload_ += static_cast<char>(RecordKind::reception);
    append_le(payload_, static_cast<std::uint32_t>(number_bytes + 4 + 8));
    append_le(payload_, number);
    append_le(payload_, receives);
    append_le(payload_, static_cast<std::uint64_t>(epoch_ms(first_received)));
    ++records_;
}

void RecordsBuilder::add_copy(BytesView raw) {
    payload_ += raw;
    ++records_;
}

storage::Batch RecordsBuilder::take(Number next_number, WallTime arrival) {
    Bytes payload;
    payload.reserve(batch_header_bytes + payload_.size());
    payload += version;
    append_le(payload, next_number);
    payload += payload_;
    payload_.clear();
    return {.payload = std::move(payload),
            .records = std::exchange(records_, 0),
            .first_arrival = arrival,
            .last_arrival = arrival};
}

}  // namespace mill::sqs
