// SPDX-License-Identifier: Apache-2.0
// Message: what was sent to a queue, and how messages lie in its log. Format version 1
// (docs/formats/queue.md).
//
// A log's records are messages, deletions, purges and receptions. A message is known by its number,
// given once in a queue's life; a copy that was moved further back in the log keeps it. What a
// queue holds is what is left when its log is replayed in order.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "storage/stream_log.h"

namespace mill::sqs {

using Number = std::uint64_t;

struct MessageAttribute {
    std::string data_type;  // "String", "Number.int", "Binary"
    bool is_binary = false;
    Bytes value;
    bool operator==(const MessageAttribute&) const = default;
};
using MessageAttributes = std::map<std::string, MessageAttribute>;

struct Content {
    std::string message_id;
    std::string body;
    std::string group_id;          // empty: none
    std::string deduplication_id;  // empty: none
    std::string sender_id;
    std::string source_arn;  // of the queue whose dead letter it is
    MessageAttributes attributes;
    MessageAttributes system_attributes;
    bool operator==(const Content&) const = default;
};

// What counts against MaximumMessageSize.
std::size_t size_of(const Content& content);
std::string md5_hex(BytesView bytes);
// As SDKs compute it to check the answer; empty if there are none.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
std::string md5_of(const MessageAttributes& attributes);

enum class RecordKind : std::uint8_t { message = 1, deletion = 2, purge = 3, reception = 4 };

struct RecordView {
    RecordKind kind = RecordKind::message;
    Number number = 0;  // of the message; of a purge the last one that it concerns
    BytesView raw;      // the whole record, as a copy of it is made
    // Of messages.
    WallTime sent;
    WallTime available;  // when its delay ends
    std::string_view message_id;
    std::string_view group_id;
    std::string_view deduplication_id;
    // Of receptions.
    std::uint32_t receives = 0;  // with this one
    WallTime first_received;
};

// Walks a batch's payload. The views live as long as the payload.
class RecordCursor {
  public:
    explicit RecordCursor(BytesView payload);
    // One more than the greatest number that was given when the batch was written.
    Number next_number() const { return next_number_; }
    // The next record; empty at the end, or if the payload is malformed or of another version.
    std::optional<RecordView> next();

  private:
    BytesView rest_;
    Number next_number_ = 0;
};

Result<Content> content_of(const RecordView& message);

class RecordsBuilder {
  public:
    void add_message(Number number, WallTime sent, WallTime available, const Content& content);
    void add_deletion(Number number) { add_mark(RecordKind::deletion, number); }
    void add_purge(Number last) { add_mark(RecordKind::purge, last); }
    void add_reception(Number number, std::uint32_t receives, WallTime first_received);
    void add_copy(BytesView raw);
    std::uint32_t records() const { return records_; }
    std::size_t bytes() const { return payload_.size(); }
    storage::Batch take(Number next_number, WallTime arrival);

  private:
    void add_mark(RecordKind kind, Number number);
    Bytes payload_;
    std::uint32_t records_ = 0;
};

}  // namespace mill::sqs
