// SPDX-License-Identifier: Apache-2.0
#include "model/function_answer.h"

#include <simdjson.h>

#include <algorithm>

#include "base/big_integers.h"

namespace mill::model {
namespace {

using PlaceOf = std::function<std::optional<std::size_t>(std::string_view)>;

bool parse(simdjson::dom::parser& parser, std::string_view text, simdjson::dom::element& into) {
    auto error = parser.parse(text.data(), text.size()).get(into);
    if (error == simdjson::NUMBER_ERROR) error = parser.parse(mark_big_integers(text)).get(into);
    return error == simdjson::SUCCESS;
}

BatchOutcome item_failures(simdjson::dom::element answer, const PlaceOf& place_of,
                           std::vector<std::size_t>& failed) {
    simdjson::dom::element failures;
    const bool none = answer["batchItemFailures"].get(failures) || failures.is_null();
    if (none) return Succeeded{};
    simdjson::dom::array items;
    if (failures.get(items)) return FailedFrom{0};
    std::vector<std::size_t> places;
    for (const simdjson::dom::element item : items) {
        std::string_view identifier;
        if (item["itemIdentifier"].get(identifier)) return FailedFrom{0};
        const auto place = place_of(identifier);
        if (!place) return FailedFrom{0};
        places.push_back(*place);
    }
    if (places.empty()) return Succeeded{};
    failed = std::move(places);
    return FailedFrom{std::ranges::min(failed)};
}

// Not from the parsed document: numbers may be longer than it can hold.
std::optional<std::string> state_in(std::string_view answer) {
    namespace ondemand = simdjson::ondemand;
    const simdjson::padded_string padded(answer);
    ondemand::parser parser;
    ondemand::document document;
    ondemand::object state;
    std::string_view text;
    if (parser.iterate(padded).get(document) ||
        document.find_field_unordered("state").get_object().get(state) ||
        state.raw_json().get(text))
        return std::nullopt;
    return std::string(text.substr(0, text.rfind('}') + 1));
}

}  // namespace

FunctionAnswer read_answer(std::string_view payload, AnswerRules rules, const PlaceOf& place_of) {
    const bool says_something = rules.reports_item_failures && !payload.empty();
    if (!rules.keeps_state && !says_something) return {};
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    if (!parse(parser, payload, answer)) return {.outcome = FunctionFailed{}};
    FunctionAnswer read;
    if (rules.reports_item_failures) read.outcome = item_failures(answer, place_of, read.failed);
    if (!rules.keeps_state) return read;
    auto state = state_in(payload);
    if (!state) return {.outcome = FunctionFailed{}};
    // An answer that no record of the batch succeeded with is made anew with the rest of them.
    const auto* failed = std::get_if<FailedFrom>(&read.outcome);
    if (!failed || failed->index > 0) read.state = std::move(state);
    return read;
}

}  // namespace mill::model
