// SPDX-License-Identifier: Apache-2.0
// ListStreamConsumers: by name, in pages. A token lives for 300 s and belongs to its stream.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html
#include "model/shard_iterator.h"
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

constexpr std::string_view token_purpose = "list-stream-consumers";

struct ListStreamConsumersInput {
    std::optional<std::string> stream_arn;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> max_results;
    std::optional<WallTime> stream_creation_timestamp;

    static constexpr auto shape() {
        using I = ListStreamConsumersInput;
        return wire::structure(
            "ListStreamConsumersInput", stream_arn_member<&I::stream_arn>().required(),
            wire::member<&I::next_token>("NextToken").length(1, limits::kinesis::token_length_max),
            wire::member<&I::max_results>("MaxResults").range(1, limits::kinesis::list_max),
            wire::member<&I::stream_creation_timestamp>("StreamCreationTimestamp"));
    }
};

struct ListStreamConsumersOutput {
    std::vector<ConsumerSummary> consumers;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using O = ListStreamConsumersOutput;
        return wire::structure("ListStreamConsumersOutput",
                               wire::member<&O::consumers>("Consumers"),
                               wire::member<&O::next_token>("NextToken"));
    }
};

struct Token {
    std::string stream_id;
    std::string after;
    std::int64_t issued_ms = 0;

    static constexpr auto shape() {
        return wire::structure("Token", wire::member<&Token::stream_id>("stream_id"),
                               wire::member<&Token::after>("after"),
                               wire::member<&Token::issued_ms>("issued_ms"));
    }
};

Result<std::string> read_token(const Kinesis& kinesis, const StreamRow& stream,
                               const std::string& text) {
    const auto payload = model::open_token(kinesis.token_key(), token_purpose, text);
    const auto token = payload ? wire::from_json<Token>(*payload)
                               : Result<Token>(invalid_argument("NextToken is invalid."));
    if (!token || token->stream_id != stream.id) return invalid_argument("NextToken is invalid.");
    if (kinesis.now() - from_epoch_ms(token->issued_ms) > limits::kinesis::list_token_life) {
        return fail("ExpiredNextTokenException", "The pagination token passed has expired.", 400);
    }
    return token->after;
}

Task<Result<ListStreamConsumersOutput>> list_stream_consumers(Kinesis& kinesis, Caller,
                                                              ListStreamConsumersInput input) {
    MILL_CO_TRY(const auto stream, kinesis.find_stream(*input.stream_arn));
    const StreamRow& row = stream->row();
    // The time tells a stream from a later one of the same name.
    if (input.stream_creation_timestamp &&
        epoch_ms(*input.stream_creation_timestamp) / 1000 != row.created_ms / 1000) {
        co_return stream_not_found(row.name, row.account);
    }
    std::string after;
    if (input.next_token) {
        MILL_CO_TRY(after, read_token(kinesis, row, *input.next_token));
    }
    const auto limit = static_cast<std::size_t>(
        input.max_results.value_or(limits::kinesis::list_consumers_default));
    const auto found = kinesis.list_consumers(*stream, after, limit + 1);
    ListStreamConsumersOutput output;
    for (const auto& consumer : found) {
        if (output.consumers.size() == limit) {
            const Token token{row.id, output.consumers.back().consumer_name,
                              epoch_ms(kinesis.now())};
            output.next_token =
                model::seal_token(kinesis.token_key(), token_purpose, wire::to_json(token));
            break;
        }
        output.consumers.push_back(describe(consumer->row));
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_stream_consumers_operation;
const wire::Operation list_stream_consumers_operation =
    wire::operation<&list_stream_consumers>("ListStreamConsumers");

}  // namespace mill::kinesis
