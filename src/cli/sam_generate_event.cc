// SPDX-License-Identifier: Apache-2.0
// sam local generate-event: an event as a service sends it to a function, on stdout.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/sam_local.h"
#include "cli/sample_events.h"
#include "wire/http.h"

namespace mill::cli {
namespace {

// What a value says: SAM CLI puts it into JSON as it is, so that "\n" is a line feed. Where that
// makes no JSON, and SAM CLI breaks, it is taken literally.
std::string meaning_of(const std::string& value) {
    const auto read = wire::parse_json("\"" + value + "\"");
    return read && read->string() ? *read->string() : value;
}

std::string encoded(const std::string& value, std::string_view encoding) {
    if (encoding == "base64") return base64_encode(value);
    if (encoding == "url") return wire::http::percent_encode(value, true);
    if (encoding == "md5") {
        const Digest16 digest = md5(value);
        return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
    }
    return meaning_of(value);
}

// The inside of a JSON string in ASCII, as Python writes it.
std::string inside_json(const std::string& text) {
    std::string quoted;
    wire::append_json_string(text, quoted);
    return wire::ascii_json(quoted.substr(1, quoted.size() - 2));
}

// The text with what stands in braces replaced; other braces are JSON's.
std::string filled(const SampleEvent& event, const Arguments& arguments) {
    std::string out(event.text);
    for (const auto& [option, fallback] : event.options) {
        const std::string value = arguments.get(option, std::string(fallback));
        for (const std::string_view encoding : {"", "base64", "md5", "url"}) {
            const std::string place =
                fmt::format("{{{}{}{}}}", option.substr(2), encoding.empty() ? "" : ":", encoding);
            const std::string text = inside_json(encoded(value, encoding));
            for (std::size_t at = out.find(place); at != std::string::npos;
                 at = out.find(place, at + text.size())) {
                out.replace(at, place.size(), text);
            }
        }
    }
    return out;
}

std::vector<std::string_view> services() {
    std::vector<std::string_view> names;
    for (const SampleEvent& event : sample_events()) {
        if (std::ranges::find(names, event.service) == names.end()) names.push_back(event.service);
    }
    return names;
}

std::vector<const SampleEvent*> events_of(std::string_view service) {
    std::vector<const SampleEvent*> events;
    for (const SampleEvent& event : sample_events()) {
        if (event.service == service) events.push_back(&event);
    }
    return events;
}

std::string names_of(const std::vector<const SampleEvent*>& events) {
    std::vector<std::string_view> names;
    for (const SampleEvent* event : events) names.push_back(event->name);
    return fmt::format("{}", fmt::join(names, ", "));
}

Result<std::string> make_event(const SampleEvent& event, const std::vector<std::string>& words) {
    std::vector<OptionSpec> specs;
    for (const auto& [option, fallback] : event.options)
        specs.push_back({.name = option, .takes_list = false});
    MILL_TRY(const Arguments arguments, Arguments::parse(words, specs));
    if (!arguments.words().empty())
        return fail("usage", "Got unexpected extra argument (" + arguments.words().front() + ")");
    return filled(event, arguments);
}

}  // namespace

Result<std::string> generate_event(std::vector<std::string> words) {
    const std::string known = fmt::format("{}", fmt::join(services(), ", "));
    if (words.empty())
        return fail("usage", "name the service that sends the event; there are " + known);
    const std::string service = words.front();
    words.erase(words.begin());
    const auto events = events_of(service);
    if (events.empty()) {
        return fail("usage",
                    "No such command '" + service + "'. Millrace makes events of " + known);
    }
    // The name may be left out where there is but one.
    if (words.empty() || words.front().starts_with('-')) {
        if (events.size() == 1) return make_event(*events.front(), words);
        return fail("usage", "name the event of " + service + "; there are " + names_of(events));
    }
    const auto event = std::ranges::find(events, words.front(), &SampleEvent::name);
    if (event == events.end()) {
        return fail("usage", "No such command '" + words.front() + "'. Millrace makes of " +
                                 service + ": " + names_of(events));
    }
    words.erase(words.begin());
    return make_event(**event, words);
}

}  // namespace mill::cli
