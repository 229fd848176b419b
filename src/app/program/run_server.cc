// SPDX-License-Identifier: Apache-2.0
#include "app/program/run_server.h"

#include "app/mill.h"
#include "app/program/layout.h"
#include "app/root_keys.h"
#include "cli/command_line.h"
#include "cli/serve.h"
#include "posix/host.h"
#include "posix/posix_machine.h"
#include "wire/tls_client.h"

namespace mill::app {
namespace {

constexpr auto drain_time = std::chrono::seconds(5);
constexpr std::uint64_t descriptors_wanted = 4096;

posix::MachineOptions machine_options(const cli::ServeOptions& options) {
    using posix::SandboxMode;
    return {.sandbox = options.sandbox == "off"        ? SandboxMode::off
                       : options.sandbox == "required" ? SandboxMode::required
                                                       : SandboxMode::automatic,
            .log_level = options.log_level,
            .python = options.python,
            .sync_files = !options.ephemeral};
}

Options mill_options(const cli::ServeOptions& options, const std::string& directory,
                     posix::PosixMachine& posix) {
    Options mill;
    mill.directory = directory;
    mill.runtimes = runtimes_directory();
    mill.listen = options.listen;
    if (options.ephemeral) mill.data_label = "in memory";
    mill.gateway.allowed_hosts = options.allowed_hosts;
    mill.gateway.allowed_origins = options.allowed_origins;
    mill.kinesis.retention_hours_min = options.retention_hours_min;
    mill.kinesis.transition = options.state_delay;
    mill.kinesis.aws_limits = options.aws_limits;
    mill.ca_bundle = options.ca_bundle;
    mill.cloudformation.record_unsupported = options.record_unsupported;
    for (const auto& [name, path] : options.code_folders)
        mill.lambda_code_folders[name] = posix::absolute_path(path);
    if (options.function_logs_descriptor) {
        const int descriptor = *options.function_logs_descriptor;
        mill.on_function_log = [descriptor, &posix](const std::string& message) {
            if (message.starts_with("INIT_START ")) return;  // as SAM CLI
            posix.write_line(descriptor, message);
        };
    }
    return mill;
}

// Said at the start, not when the first endpoint is refused.
Result<void> check_ca_bundle(machine::Files& files, const std::string& path) {
    if (path.empty()) return {};
    const auto checked = wire::tls::check_bundle(files, path);
    if (checked) return {};
    return fail("net.tls",
                "--ca-bundle (or AWS_CA_BUNDLE) cannot be used: " + checked.error().message);
}

// The directory of an ephemeral server (function code, objects); gone with it.
class EphemeralDirectory {
  public:
    explicit EphemeralDirectory(Machine& machine) : machine_(machine) {}
    EphemeralDirectory(const EphemeralDirectory&) = delete;
    EphemeralDirectory& operator=(const EphemeralDirectory&) = delete;
    ~EphemeralDirectory() { remove(); }

    Result<std::string> make() {
        MILL_TRY(path_, posix::make_temporary_directory());
        return path_;
    }
    void remove() {
        if (path_.empty()) return;
        if (auto removed = machine_.files.remove_tree(path_); !removed) {
            machine_.log.warning("not_removed", {{"reason", removed.error().message}});
        }
        path_.clear();
    }

  private:
    Machine& machine_;
    std::string path_;
};

class Server {
  public:
    Server(cli::Session& session, cli::ServeOptions options)
        : session_(session), options_(std::move(options)), posix_(machine_options(options_)) {}

    Result<void> start();
    void run();

  private:
    void terminate();
    Task<void> stop();

    cli::Session& session_;
    cli::ServeOptions options_;
    posix::PosixMachine posix_;
    EphemeralDirectory ephemeral_{posix_.machine()};
    std::unique_ptr<Mill> mill_;
    bool stopping_ = false;
    Scope scope_;
};

Result<void> Server::start() {
    Machine& machine = posix_.machine();
    const std::uint64_t descriptors = posix::raise_descriptor_limit();
    if (descriptors < descriptors_wanted) {
        machine.log.warning("few_descriptors", {{"limit", std::to_string(descriptors)},
                                                {"remedy", "raise it: ulimit -Hn 65536"}});
    }
    posix::make_files_private();
    MILL_CHECK(check_ca_bundle(machine.files, options_.ca_bundle));
    const bool is_sandbox_required = options_.sandbox == "required";
    if (is_sandbox_required || machine.executor.has_spare_core()) posix_.begin_sandbox_check();
    MILL_TRY(auto engine, open_engine(machine, options_.data, options_.sync));
    std::string directory = options_.data;
    if (options_.ephemeral) {
        MILL_TRY(directory, ephemeral_.make());
    }
    Options mill = mill_options(options_, directory, posix_);
    MILL_TRY(mill.root_key, ensure_root_key(machine, directory));
    // A mapping would take each function that may not run for one that fails, and give records up.
    if (is_sandbox_required) MILL_CHECK(posix_.check_sandbox());
    mill_ = std::make_unique<Mill>(machine, std::move(engine), std::move(mill));
    MILL_CHECK(mill_->start());
    posix_.begin_sandbox_check();
    posix_.run_until_sandbox_is_tried();  // what runs no function is answered already
    MILL_CHECK(posix_.check_sandbox());
    // Before it is said to be ready: whoever reads that may ask it to end at once.
    posix_.on_terminate([this] { terminate(); });
    session_.out(cli::ready_line(version(), {.endpoints = mill_->endpoints(),
                                             .data = options_.ephemeral ? "in memory" : directory,
                                             .durability = mill_->durability(),
                                             .isolation = machine.processes.isolation()}));
    return {};
}

void Server::terminate() {
    if (stopping_) {
        ephemeral_.remove();
        posix::exit_now(cli::exit_failed);
    }
    stopping_ = true;
    scope_.spawn(stop());
}

Task<void> Server::stop() {
    Machine& machine = posix_.machine();
    co_await mill_->stop(machine.clock.now() + drain_time);
    posix_.stop();
}

void Server::run() { posix_.run(); }

}  // namespace

int run_server(cli::Session& session, const std::vector<std::string>& words) {
    auto options = cli::parse_serve(session, words);
    if (!options) return cli::usage_error(session, "serve", options.error().message);
    if (const auto fd = options->function_logs_descriptor; fd && !posix::is_inherited(*fd)) {
        return cli::usage_error(
            session, "serve",
            "--function-logs-fd: descriptor " + std::to_string(*fd) +
                " is not open; open it for the server, as in: " + std::to_string(*fd) + ">FILE");
    }
    // The sandbox and functions have other working directories.
    if (!options->data.empty()) options->data = posix::absolute_path(options->data);
    if (!options->ca_bundle.empty()) options->ca_bundle = posix::absolute_path(options->ca_bundle);
    Server server(session, *options);
    if (auto started = server.start(); !started) {
        session.err("millrace serve: " + cli::with_remedy(started.error(), *options) + "\n");
        return cli::exit_failed;
    }
    server.run();
    return cli::exit_ok;
}

}  // namespace mill::app
