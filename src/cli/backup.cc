// SPDX-License-Identifier: Apache-2.0
#include "cli/backup.h"

#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/progress.h"
#include "cli/sam.h"
#include "cli/serve.h"
#include "wire/http_client.h"

namespace mill::cli {
namespace {

struct Order {
    std::string word;  // absolute
    std::string data;  // absolute
    std::string endpoint;
};

Result<Order> read_order(Session& session, const DataTools& tools,
                         const std::vector<std::string>& words, const std::string& what) {
    MILL_TRY(const auto arguments,
             Arguments::parse(words, {{"--data"}, {"--endpoint"}, {"--endpoint-url"}}));
    if (arguments.words().size() != 1) return fail("usage", "name one directory: " + what);
    MILL_TRY(const std::string data, arguments.has("--data")
                                         ? Result<std::string>(arguments.get("--data"))
                                         : default_data(session));
    return Order{
        .word = tools.absolute(arguments.words().front()),
        .data = tools.absolute(data),
        .endpoint = arguments.get("--endpoint", arguments.get("--endpoint-url")),
    };
}

int failed(Session& session, const char* verb, const std::string& message) {
    session.err(std::string("millrace ") + verb + ": " + message + "\n");
    return exit_failed;
}

// While the server copies: it does so on this machine, so what is there already can be seen.
Task<void> watch(Session& session, std::string from, std::string to) {
    Machine& machine = session.machine;
    ProgressLines progress(session, "copying");
    for (;;) {
        co_await machine::sleep_until(machine.timers,
                                      machine.clock.now() + std::chrono::seconds(1));
        progress.at(machine::tree_bytes(machine.files, to),
                    machine::tree_bytes(machine.files, from));
    }
}

Task<int> backup_by_server(Session& session, const DataTools& tools, Order order) {
    const auto target = find_target(session, order.endpoint, {});
    if (!target) co_return usage_error(session, "backup", target.error().message);
    const auto key = tools.root_key(order.data);
    if (!key) {
        co_return failed(session, "backup",
                         key.error().message +
                             ". A server has this directory and is asked with that key: run this "
                             "command as the user who runs the server.");
    }
    wire::http::Request request{
        .method = "POST",
        .target = "/_millrace/backup?from=" + wire::http::percent_encode(order.data) +
                  "&to=" + wire::http::percent_encode(order.word)};
    request.headers.set("host", target->endpoint.text());
    wire::sign(request, *key, target->region, "millrace", session.machine.clock.wall());
    Scope watching;
    watching.spawn(watch(session, order.data, order.word));
    const auto answer = co_await wire::http::exchange(session.machine.network, target->endpoint,
                                                      std::move(request));
    watching.clear();
    if (!answer) {
        session.err("millrace backup: a server has '" + order.data + "', but at http://" +
                    target->endpoint.text() + " none answers (" + answer.error().message +
                    "). Name it with --endpoint URL.\n");
        co_return exit_unreachable;
    }
    if (answer->status != 200) {
        session.err("millrace backup: http://" + target->endpoint.text() +
                    " says: " + answer->body + (answer->body.ends_with('\n') ? "" : "\n"));
        co_return exit_failed;
    }
    session.out("Copied " + order.data + ", while its server runs, to " + order.word + "\n");
    co_return exit_ok;
}

}  // namespace

Task<int> backup(Session& session, const DataTools& tools, std::vector<std::string> words) {
    const auto order = read_order(session, tools, words, "where to copy the data");
    if (!order) co_return usage_error(session, "backup", order.error().message);
    ProgressLines lines(session, "copying");
    const auto copied =
        tools.back_up(order->data, order->word,
                      [&](std::uint64_t done, std::uint64_t total) { lines.at(done, total); });
    if (!copied && copied.error().code == "io.locked")
        co_return co_await backup_by_server(session, tools, *order);
    if (!copied) co_return failed(session, "backup", copied.error().message);
    session.out("Copied " + order->data + " to " + order->word + "\n");
    co_return exit_ok;
}

std::string backup_help() {
    return "Usage: millrace backup TO [--data DIR] [--endpoint URL]\n"
           "\n"
           "Copies the data directory, as it is at one moment, to the new directory TO. A server "
           "that\n"
           "runs on it makes the copy beside its work: nothing that was acknowledged before is "
           "missing.\n"
           "Without a server the files are copied as they are. Back up to another disk.\n"
           "\n"
           "  --data DIR         what to copy (default: as for 'millrace serve')\n"
           "  --endpoint URL     the server that runs on it (default: $AWS_ENDPOINT_URL, else "
           "http://127.0.0.1:4566);\n"
           "                     the request is signed with the key in DIR/root-key.json\n"
           "\n"
           "Examples:\n"
           "  millrace backup /backups/monday\n"
           "  millrace backup ./copy --data ./data --endpoint http://127.0.0.1:5000\n"
           "  millrace fsck /backups/monday\n"
           "\n"
           "Exit codes: 0 copied, 1 not copied, 2 wrong command line, 3 the server does not "
           "answer.\n";
}

int restore(Session& session, const DataTools& tools, const std::vector<std::string>& words) {
    const auto order = read_order(session, tools, words, "the backup");
    if (!order) return usage_error(session, "restore", order.error().message);
    ProgressLines lines(session, "checking and copying");
    const auto restored =
        tools.restore(order->word, order->data,
                      [&](std::uint64_t done, std::uint64_t total) { lines.at(done, total); });
    if (!restored) return failed(session, "restore", restored.error().message);
    session.out("Restored " + order->word + " to " + order->data +
                ". Start with: millrace serve --data " + order->data + "\n");
    return exit_ok;
}

std::string restore_help() {
    return "Usage: millrace restore FROM [--data DIR]\n"
           "\n"
           "Makes a data directory of the backup FROM, which is checked first and stays as it is. "
           "DIR must\n"
           "be empty or missing: nothing is ever replaced. It appears at the end, whole and on the "
           "disk.\n"
           "\n"
           "  --data DIR         what to make (default: as for 'millrace serve')\n"
           "\n"
           "Examples:\n"
           "  millrace restore /backups/monday\n"
           "  millrace restore ./copy --data ./data && millrace serve --data ./data\n"
           "\n"
           "Exit codes: 0 restored, 1 not restored, 2 wrong command line.\n";
}

}  // namespace mill::cli
