// SPDX-License-Identifier: Apache-2.0
#include "cli/fsck.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "wire/value.h"

namespace mill::cli {
namespace {

bool is_damaged(const DataReport& report) {
    return std::ranges::any_of(report.findings,
                               [](const DataFinding& finding) { return !finding.is_mended; });
}

std::string as_text(const Session& session, const DataReport& report) {
    std::string text;
    for (const DataFinding& finding : report.findings) {
        text += fmt::format("{} {}\n",
                            finding.is_mended ? session.yellow("note") : session.red("damage"),
                            finding.text);
        if (finding.is_mended) text += "       the next start makes it again\n";
        for (const std::string& log : finding.logs)
            text += fmt::format("       records of log \"{}\" are lost\n", log);
    }
    return text + fmt::format("{}: {} segments, {} logs, {} records, {} entries in the table\n",
                              is_damaged(report) ? session.red("damaged") : session.green("sound"),
                              report.segments, report.logs, report.records, report.entries);
}

std::string as_json(const std::string& directory, const DataReport& report) {
    wire::Value root = wire::Value::map();
    root["directory"] = directory;
    root["sound"] = !is_damaged(report);
    root["segments"] = static_cast<std::int64_t>(report.segments);
    root["logs"] = static_cast<std::int64_t>(report.logs);
    root["records"] = static_cast<std::int64_t>(report.records);
    root["entries"] = static_cast<std::int64_t>(report.entries);
    root["findings"] = wire::Value::list();
    for (const DataFinding& finding : report.findings) {
        wire::Value found = wire::Value::map();
        found["text"] = finding.text;
        found["mended_by_next_start"] = finding.is_mended;
        found["logs"] = wire::Value::list();
        for (const std::string& log : finding.logs) found["logs"].push_back(log);
        root["findings"].push_back(std::move(found));
    }
    return wire::write_json_pretty(root) + "\n";
}

}  // namespace

int fsck(Session& session, const DataTools& tools, const std::vector<std::string>& words) {
    const auto arguments = Arguments::parse(words, {{"--output"}});
    if (!arguments) return usage_error(session, "fsck", arguments.error().message);
    if (arguments->words().size() > 1)
        return usage_error(session, "fsck", "name one directory, or none for the default one");
    const std::string output = arguments->get("--output", "text");
    if (output != "text" && output != "json")
        return usage_error(session, "fsck", "--output must be text or json, not '" + output + "'");
    const auto named = arguments->words().empty() ? default_data(session)
                                                  : Result<std::string>(arguments->words().front());
    if (!named) return usage_error(session, "fsck", named.error().message);
    const std::string directory = tools.absolute(*named);
    ProgressLines lines(session, "checking");
    const auto report = tools.check(
        directory, [&](std::uint64_t done, std::uint64_t total) { lines.at(done, total); });
    if (!report) {
        session.err("millrace fsck: " + report.error().message +
                    (report.error().code == "io.locked"
                         ? ": a server runs on it. Stop that first, or check a copy that 'millrace "
                           "backup' makes.\n"
                         : "\n"));
        return exit_failed;
    }
    session.out(output == "json" ? as_json(directory, *report) : as_text(session, *report));
    return is_damaged(*report) ? exit_failed : exit_ok;
}

std::string fsck_help() {
    return "Usage: millrace fsck [DIR] [--output text|json]\n"
           "\n"
           "Reads every byte of a data directory (default: as for 'millrace serve'), or of a "
           "backup, and\n"
           "says what is damaged: file, position, and the logs that have lost records, in the "
           "words "
           "that the\n"
           "server has for it. It changes nothing. No server may run on it.\n"
           "\n"
           "  --output FORMAT    text (default) or json\n"
           "\n"
           "Examples:\n"
           "  millrace fsck\n"
           "  millrace fsck /backups/monday --output json | jq '.findings[].text'\n"
           "\n"
           "Exit codes: 0 sound, 1 damaged or not readable, 2 wrong command line.\n";
}

}  // namespace mill::cli
