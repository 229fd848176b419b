// SPDX-License-Identifier: Apache-2.0
// The program `millrace`: a table of verbs.
#include "app/backup.h"
#include "app/check_data.h"
#include "app/mill.h"
#include "app/program/make_session.h"
#include "app/program/run_server.h"
#include "app/root_keys.h"
#include "cli/backup.h"
#include "cli/command_line.h"
#include "cli/completion.h"
#include "cli/demo.h"
#include "cli/env.h"
#include "cli/fsck.h"
#include "cli/mapping.h"
#include "cli/sam.h"
#include "cli/serve.h"
#include "cli/status.h"
#include "posix/host.h"
#include "posix/posix_machine.h"

namespace mill::app {
namespace {

using cli::Session;
using cli::Words;

Task<void> keep_code(Task<int> task, int& code) { code = co_await std::move(task); }

// A verb that waits for things: runs the machine until it is done.
std::function<int(const Words&)> waiting(posix::PosixMachine& posix, Session& session,
                                         Task<int> (*verb)(Session&, Words)) {
    return [&posix, &session, verb](const Words& words) {
        int code = cli::exit_failed;
        posix.run_until_done(keep_code(verb(session, words), code));
        return code;
    };
}

cli::DataTools make_tools(Machine& machine) {
    return {
        .absolute = posix::absolute_path,
        .check =
            [&](const std::string& directory, const cli::Progress& progress) {
                return check_data(machine, directory, progress);
            },
        .back_up =
            [&](const std::string& directory, const std::string& to,
                const cli::Progress& progress) {
                posix::make_files_private();
                return back_up_closed(machine, directory, to, progress);
            },
        .restore =
            [&](const std::string& from, const std::string& directory,
                const cli::Progress& progress) {
                posix::make_files_private();
                return restore(machine, from, directory, progress);
            },
        .root_key =
            [&](const std::string& directory) { return read_root_key(machine.files, directory); }};
}

std::vector<cli::Verb> make_verbs(posix::PosixMachine& posix, Session& session,
                                  const cli::DataTools& tools) {
    const auto backup = [&](const Words& words) {
        int code = cli::exit_failed;
        posix.run_until_done(keep_code(cli::backup(session, tools, words), code));
        return code;
    };
    return {
        {"serve", "run the server", cli::serve_help(),
         [&](const Words& words) { return run_server(session, words); }},
        {"env", "point this shell's AWS CLI and SDKs at the server", cli::env_help(),
         [&](const Words& words) { return cli::env(session, words); }},
        {"status", "ask a running server how it is", cli::status_help(),
         waiting(posix, session, &cli::status)},
        {"sam", "build, deploy, sync, local, logs, ...: the SAM commands without SAM or Docker",
         cli::sam_help(), waiting(posix, session, &cli::sam), true},
        {"mapping", "show, rewind or replay an event source mapping", cli::mapping_help(),
         waiting(posix, session, &cli::mapping)},
        {"demo", "the whole walkthrough on a server of its own", cli::demo_help(),
         waiting(posix, session, &cli::demo)},
        {"fsck", "check a data directory or a backup for damage", cli::fsck_help(),
         [&](const Words& words) { return cli::fsck(session, tools, words); }},
        {"backup", "copy a data directory, also of a running server", cli::backup_help(), backup},
        {"restore", "make a data directory of a backup", cli::restore_help(),
         [&](const Words& words) { return cli::restore(session, tools, words); }},
    };
}

// `called` is the name of the link by which the program was started.
int run(const std::string& called, Words words) {
    posix::PosixMachine posix;
    Session session = make_session(posix);
    if (called == "sam") {
        session.name = "sam";
        words.insert(words.begin(), "sam");
    }
    const cli::DataTools tools = make_tools(posix.machine());
    std::vector<cli::Verb> verbs = make_verbs(posix, session, tools);
    verbs.push_back({"completion", "print a completion script for bash or zsh",
                     cli::completion_help(),
                     [&](const Words& rest) { return cli::completion(session, verbs, rest); }});
    return cli::dispatch(session, verbs, version(), words);
}

}  // namespace
}  // namespace mill::app

int main(int count, char** arguments) {
    const std::string path = arguments[0];
    return mill::app::run(path.substr(path.rfind('/') + 1), {arguments + 1, arguments + count});
}
