// SPDX-License-Identifier: Apache-2.0
// Words of a command line, addresses and versions: read or refused with a text. One word a line.
#include "cli/arguments.h"
#include "cli/env.h"
#include "fuzz.h"
#include "machine/network.h"

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill;
    fuzz::Input input(bytes);
    std::vector<std::string> words;
    while (!input.is_empty()) words.emplace_back(input.until('\n'));
    const auto arguments = cli::Arguments::parse(
        words, {{"--stack-name", "-n"}, {"--guided", "-g", false}, {"--parameter-overrides"}});
    if (!arguments) MILL_ASSERT(!arguments.error().message.empty());
    for (const std::string& word : words) {
        cli::ignores_endpoint_variable(word);
        const auto endpoint = machine::parse_endpoint(word);
        if (!endpoint) continue;
        const auto again = machine::parse_endpoint(endpoint->text());
        MILL_ASSERT(again && *again == *endpoint);
    }
}
