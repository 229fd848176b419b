// SPDX-License-Identifier: Apache-2.0
// PublishBatch: each entry has its own answer; they are published in their order.
// https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
#include "services/sns/declarations.h"

namespace mill::sns {
namespace {

struct PublishBatchRequestEntry {
    std::optional<std::string> id;
    std::optional<std::string> message;
    std::optional<std::string> subject;
    std::optional<std::string> message_structure;
    std::optional<AttributeValues> message_attributes;
    std::optional<std::string> message_deduplication_id;
    std::optional<std::string> message_group_id;

    static constexpr auto shape() {
        using E = PublishBatchRequestEntry;
        return wire::structure("PublishBatchRequestEntry", wire::member<&E::id>("Id").required(),
                               wire::member<&E::message>("Message").required(),
                               wire::member<&E::subject>("Subject"),
                               wire::member<&E::message_structure>("MessageStructure"),
                               message_attributes_member<&E::message_attributes>(),
                               wire::member<&E::message_deduplication_id>("MessageDeduplicationId"),
                               wire::member<&E::message_group_id>("MessageGroupId"));
    }
};

struct PublishBatchInput {
    std::optional<std::string> topic_arn;
    std::optional<std::vector<PublishBatchRequestEntry>> entries;

    static constexpr auto shape() {
        using I = PublishBatchInput;
        return wire::structure("PublishBatchInput", topic_arn_member<&I::topic_arn>(),
                               wire::member<&I::entries>("PublishBatchRequestEntries").required());
    }
};

struct PublishBatchResultEntry {
    std::string id;
    std::string message_id;
    std::optional<std::string> sequence_number;

    static constexpr auto shape() {
        using E = PublishBatchResultEntry;
        return wire::structure("PublishBatchResultEntry", wire::member<&E::id>("Id"),
                               wire::member<&E::message_id>("MessageId"),
                               wire::member<&E::sequence_number>("SequenceNumber"));
    }
};

struct BatchResultErrorEntry {
    std::string id;
    std::string code;
    std::string message;
    bool sender_fault = true;

    static constexpr auto shape() {
        using E = BatchResultErrorEntry;
        return wire::structure("BatchResultErrorEntry", wire::member<&E::id>("Id"),
                               wire::member<&E::code>("Code"), wire::member<&E::message>("Message"),
                               wire::member<&E::sender_fault>("SenderFault"));
    }
};

struct PublishBatchOutput {
    std::vector<PublishBatchResultEntry> successful;
    std::vector<BatchResultErrorEntry> failed;

    static constexpr auto shape() {
        return wire::structure("PublishBatchResponse",
                               wire::member<&PublishBatchOutput::successful>("Successful"),
                               wire::member<&PublishBatchOutput::failed>("Failed"));
    }
};

Result<void> check_entries(const std::vector<PublishBatchRequestEntry>& entries) {
    constexpr std::size_t entries_max = 10, id_length_max = 80, bytes_max = 262'144;
    if (entries.empty())
        return fail("EmptyBatchRequest", "The batch request doesn't contain any entries.", 400);
    if (entries.size() > entries_max) {
        return fail("TooManyEntriesInBatchRequest",
                    "The batch request contains more entries than permissible.", 400);
    }
    std::set<std::string_view> ids;
    std::size_t bytes = 0;
    for (const auto& entry : entries) {
        const bool good = !entry.id->empty() && entry.id->size() <= id_length_max &&
                          entry.id->find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
                              "STUVWXYZ0123456789-_") == std::string::npos;
        if (!good) {
            return fail("InvalidBatchEntryId",
                        "The Id of a batch entry in a batch request doesn't abide by the "
                        "specification.",
                        400);
        }
        if (!ids.insert(*entry.id).second) {
            return fail("BatchEntryIdsNotDistinct",
                        "Two or more batch entries in the request have the same Id.", 400);
        }
        bytes += entry.message->size();
    }
    if (bytes <= bytes_max) return {};
    return fail("BatchRequestTooLong",
                "The length of all the messages put together is more than the limit.", 400);
}

using Done = machine::OneShot<Result<Published>>;

Task<void> run(Task<Result<Published>> publishing, Done done) {
    done.set(co_await std::move(publishing));
}

BatchResultErrorEntry failed_entry(std::string id, const Error& error) {
    const bool is_ours = error.status == 0 || error.status >= 500;
    if (is_ours) return {std::move(id), "InternalError", "Internal error", false};
    return {std::move(id), error.code, error.message, true};
}

Task<Result<PublishBatchOutput>> publish_batch(Sns& sns, Caller, PublishBatchInput input) {
    MILL_CO_TRY(const auto topic, sns.find_topic(*input.topic_arn));
    MILL_CO_CHECK(check_entries(*input.entries));
    PublishBatchOutput output;
    Scope publishing;
    std::vector<std::pair<std::string, Done>> begun;
    for (auto& entry : *input.entries) {
        auto message = make_message(
            topic->row,
            {std::move(entry.message), std::move(entry.subject), std::move(entry.message_structure),
             std::move(entry.message_attributes), std::move(entry.message_deduplication_id),
             std::move(entry.message_group_id)});
        if (!message) {
            output.failed.push_back(failed_entry(*entry.id, message.error()));
            continue;
        }
        begun.emplace_back(*entry.id, Done(sns.executor()));
        publishing.spawn(run(sns.publish(topic, *std::move(message)), begun.back().second));
    }
    for (auto& [id, done] : begun) {
        auto published = co_await done.take();
        if (published) {
            output.successful.push_back(
                {id, std::move(published->message_id), std::move(published->sequence_number)});
        } else {
            output.failed.push_back(failed_entry(id, published.error()));
        }
    }
    co_return output;
}

}  // namespace

extern const wire::Operation publish_batch_operation;
const wire::Operation publish_batch_operation = wire::operation<&publish_batch>("PublishBatch");

}  // namespace mill::sns
