// SPDX-License-Identifier: Apache-2.0
#include "cli/serve.h"

#include <charconv>

#include "cli/arguments.h"

namespace mill::cli {
namespace {

std::vector<std::string> split_commas(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        if (end > start) parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

// An option's values from the command line, else from its variable: --data-dir is
// MILLRACE_DATA_DIR.
class Settings {
  public:
    Settings(const Session& session, const Arguments& arguments)
        : session_(session), arguments_(arguments) {}

    std::vector<std::string> all(const std::string& option) const {
        if (!arguments_.all(option).empty()) {
            std::vector<std::string> values;
            for (const std::string& value : arguments_.all(option)) {
                for (std::string& part : split_commas(value)) values.push_back(std::move(part));
            }
            return values;
        }
        return split_commas(session_.variable(variable_of(option)));
    }
    std::string one(const std::string& option, const std::string& fallback = {}) const {
        const std::string from_environment = session_.variable(variable_of(option));
        return arguments_.get(option, from_environment.empty() ? fallback : from_environment);
    }
    Result<bool> flag(const std::string& option) const {
        if (arguments_.has(option)) return true;
        const std::string value = session_.variable(variable_of(option));
        if (value.empty() || value == "0" || value == "false") return false;
        if (value == "1" || value == "true") return true;
        return fail("usage",
                    variable_of(option) + " must be 1, 0, true or false, not '" + value + "'");
    }
    bool given_on_command_line(const std::string& option) const { return arguments_.has(option); }

  private:
    static std::string variable_of(const std::string& option) {
        std::string name = "MILLRACE_";
        for (const char c : option.substr(2)) {
            name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        }
        return name;
    }
    const Session& session_;
    const Arguments& arguments_;
};

Result<void> one_of(const std::string& option, const std::string& value,
                    const std::vector<std::string>& allowed) {
    std::string list;
    for (const std::string& name : allowed) {
        if (name == value) return {};
        list += (list.empty() ? "" : name == allowed.back() ? " or " : ", ") + name;
    }
    return fail("usage", option + " must be " + list + ", not '" + value + "'");
}

bool is_loopback(const std::string& host) { return host == "::1" || host.starts_with("127."); }

Result<std::vector<machine::Endpoint>> parse_listen(const std::vector<std::string>& texts) {
    std::vector<machine::Endpoint> endpoints;
    for (const std::string& text : texts) {
        const auto endpoint = machine::parse_endpoint(text);
        if (!endpoint) return fail("usage", "--listen: " + endpoint.error().message);
        if (!is_loopback(endpoint->host)) {
            return fail(
                "usage",
                "--listen " + text +
                    ": Millrace accepts any credentials and so listens on loopback addresses only; "
                    "use 127.0.0.1:PORT or [::1]:PORT");
        }
        endpoints.push_back(*endpoint);
    }
    return endpoints;
}

Result<int> parse_retention(const std::string& text) {
    int hours = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hours);
    if (error != std::errc() || end != text.data() + text.size() || hours < 1 || hours > 24) {
        return fail("usage", "--retention-min-hours must be 1 to 24, not '" + text + "'");
    }
    return hours;
}

// AWS's streams are busy for up to a minute; more would serve nobody.
Result<Duration> parse_state_delay(const std::string& text) {
    constexpr int ms_max = 600'000;
    int ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (error != std::errc() || end != text.data() + text.size() || ms < 0 || ms > ms_max)
        return fail("usage", "--state-delay-ms must be 0 to 600000, not '" + text + "'");
    return std::chrono::milliseconds(ms);
}

// For the program that starts the server: others may ask it for a folder, and only for these.
Result<void> read_ephemeral(const Arguments& arguments, ServeOptions& options) {
    for (const std::string& word : arguments.all("--code-folder")) {
        const std::size_t equals = word.find('=');
        if (equals == 0 || equals >= word.size() - 1)
            return fail("usage", "--code-folder must be NAME=DIR, not '" + word + "'");
        options.code_folders.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    if (const std::string text = arguments.get("--function-logs-fd"); !text.empty()) {
        int descriptor = 0;
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), descriptor);
        if (error != std::errc() || end != text.data() + text.size() || descriptor < 1)
            return fail("usage", "--function-logs-fd must be a descriptor, not '" + text + "'");
        options.function_logs_descriptor = descriptor;
    }
    if (options.ephemeral || (options.code_folders.empty() && !options.function_logs_descriptor))
        return {};
    return fail("usage", "--code-folder and --function-logs-fd are for --ephemeral servers");
}

LogLevel level_of(const std::string& name) {
    if (name == "debug") return LogLevel::debug;
    if (name == "info") return LogLevel::info;
    return name == "error" ? LogLevel::error : LogLevel::warning;
}

// https://specifications.freedesktop.org/basedir-spec/latest/
Result<std::string> default_directory(const Session& session) {
    const std::string share = session.variable("XDG_DATA_HOME");
    if (share.starts_with('/')) return share + "/millrace";
    const std::string home = session.variable("HOME");
    if (home.empty())
        return fail("usage", "HOME is not set; say where to keep data with --data DIR");
    return home + "/.local/share/millrace";
}

Result<void> read_choices(const Settings& settings, ServeOptions& options) {
    const std::string durability = settings.one("--durability", "synced");
    MILL_CHECK(one_of("--durability", durability, {"synced", "os"}));
    options.sync = durability == "synced";
    options.sandbox = settings.one("--sandbox", "auto");
    MILL_CHECK(one_of("--sandbox", options.sandbox, {"auto", "required", "off"}));
    const std::string level = settings.one("--log-level", "warning");
    MILL_CHECK(one_of("--log-level", level, {"debug", "info", "warning", "error"}));
    options.log_level = level_of(level);
    const std::string limits = settings.one("--limits", "none");
    MILL_CHECK(one_of("--limits", limits, {"none", "aws"}));
    options.aws_limits = limits == "aws";
    const std::string unsupported = settings.one("--unsupported-resources", "refuse");
    MILL_CHECK(one_of("--unsupported-resources", unsupported, {"refuse", "record"}));
    options.record_unsupported = unsupported == "record";
    MILL_TRY(options.retention_hours_min,
             parse_retention(settings.one("--retention-min-hours", "24")));
    MILL_TRY(options.state_delay, parse_state_delay(settings.one("--state-delay-ms", "10")));
    return {};
}

}  // namespace

Result<std::string> default_data(const Session& session) {
    const std::string named = session.variable("MILLRACE_DATA");
    return named.empty() ? default_directory(session) : named;
}

Result<ServeOptions> parse_serve(const Session& session, const std::vector<std::string>& words) {
    MILL_TRY(const Arguments arguments, Arguments::parse(words, {{"--data"},
                                                                 {"--ephemeral", {}, false},
                                                                 {"--listen"},
                                                                 {"--durability"},
                                                                 {"--sandbox"},
                                                                 {"--limits"},
                                                                 {"--unsupported-resources"},
                                                                 {"--retention-min-hours"},
                                                                 {"--state-delay-ms"},
                                                                 {"--python"},
                                                                 {"--ca-bundle"},
                                                                 {"--code-folder"},
                                                                 {"--function-logs-fd"},
                                                                 {"--log-level"},
                                                                 {"--allow-host"},
                                                                 {"--allow-origin"}}));
    if (!arguments.words().empty())
        return fail("usage", "unexpected '" + arguments.words().front() + "'");
    const Settings settings(session, arguments);
    ServeOptions options;
    MILL_CHECK(read_choices(settings, options));
    MILL_TRY(options.ephemeral, settings.flag("--ephemeral"));
    MILL_CHECK(read_ephemeral(arguments, options));
    if (options.ephemeral && settings.given_on_command_line("--data")) {
        return fail("usage", "--data and --ephemeral exclude each other");
    }
    if (!options.ephemeral) {
        options.data = settings.one("--data");
        if (options.data.empty()) {
            MILL_TRY(options.data, default_directory(session));
        }
    }
    if (const auto listen = settings.all("--listen"); !listen.empty()) {
        MILL_TRY(options.listen, parse_listen(listen));
    }
    options.python = settings.one("--python");
    options.ca_bundle = settings.one("--ca-bundle", session.variable("AWS_CA_BUNDLE"));
    options.allowed_hosts = settings.all("--allow-host");
    options.allowed_origins = settings.all("--allow-origin");
    return options;
}

std::string serve_help() {
    return "Usage: millrace serve [OPTIONS]\n"
           "\n"
           "Runs the server until SIGTERM or Ctrl-C; a second one stops it at once.\n"
           "\n"
           "  --data DIR                where to keep everything (default: "
           "$XDG_DATA_HOME/millrace, else\n"
           "                            ~/.local/share/millrace)\n"
           "  --ephemeral               keep everything in memory; gone at the end\n"
           "  --listen HOST:PORT ...    loopback addresses (default: 127.0.0.1:4566 [::1]:4566); "
           "port 0 takes a free one\n"
           "  --durability synced|os    synced: acknowledged data is on the disk (default); os: "
           "with the operating system,\n"
           "                            safe from a crash of Millrace but not from a power loss\n"
           "  --sandbox auto|required|off   isolation of functions by bubblewrap: as far as the "
           "host allows (default),\n"
           "                            or not at all without it, or none\n"
           "  --limits none|aws         aws: refuse what AWS refuses (throughput of shards, call "
           "rates, quotas), so that a program's\n"
           "                            retries can be tried; none: take whatever comes (default)\n"
           "  --unsupported-resources refuse|record   record: a resource in a template that "
           "Millrace "
           "does not provide is a placeholder\n"
           "                            that does nothing; refuse: the template is refused "
           "(default)\n"
           "  --retention-min-hours N   allow streams to keep records for less than AWS's 24 "
           "hours, down to N\n"
           "  --state-delay-ms N        how long streams are CREATING, UPDATING and DELETING "
           "(default: 10; AWS: seconds)\n"
           "  --python PATH             the interpreter for python functions (default: the "
           "matching one, else the newest)\n"
           "  --ca-bundle FILE          certificates (PEM) that HTTPS endpoints of SNS may have, "
           "beside "
           "those that the host trusts\n"
           "                            (default: $AWS_CA_BUNDLE)\n"
           "  --log-level LEVEL         debug, info, warning (default) or error, to stderr\n"
           "  --allow-host NAME         accept requests for this host name as well\n"
           "  --allow-origin ORIGIN     accept browser requests from this origin as well\n"
           "  --code-folder NAME=DIR ...    with --ephemeral: functions may have this folder for "
           "their code, as it lies,\n"
           "                            by S3Bucket code-folders, S3Key NAME\n"
           "  --function-logs-fd N      with --ephemeral: write what functions log to this open "
           "descriptor as well\n"
           "\n"
           "Every option but the last two is also an environment variable: MILLRACE_DATA, "
           "MILLRACE_LISTEN (lists with commas), ...\n"
           "The command line wins.\n"
           "\n"
           "Examples:\n"
           "  millrace serve\n"
           "  millrace serve --data ./data --listen 127.0.0.1:5000\n"
           "  millrace serve --ephemeral --listen 127.0.0.1:0\n"
           "\n"
           "Exit codes: 0 stopped as asked, 1 could not start or was cut short, 2 wrong command "
           "line.\n";
}

std::string ready_line(const std::string& version, const ReadyInfo& info) {
    std::string line = "Millrace " + version + " is ready:";
    for (const machine::Endpoint& endpoint : info.endpoints) line += " http://" + endpoint.text();
    return line + " | data: " + info.data + " | durability: " + info.durability +
           " | isolation: " + info.isolation + "\n";
}

std::string with_remedy(const Error& error, const ServeOptions& options) {
    const std::string directory =
        options.data.empty() ? "the temporary directory" : "'" + options.data + "'";
    if (error.code == "io.locked") {
        return error.message +
               ": another millrace serves this directory; stop it, or use another one with --data "
               "DIR";
    }
    if (error.code == "io.no_space") {
        return error.message + "; free some space on the disk of " + directory +
               ", or use another with --data DIR";
    }
    if (error.code == "io.permission") {
        return error.message + "; make " + directory +
               " writable for this user, or use another with --data DIR";
    }
    if (error.code == "storage.newer_format") {
        return error.message +
               "; run that version or a newer one, or use another directory with --data DIR";
    }
    if (error.code == "storage.corrupt") {
        return error.message +
               "; restore the directory from a copy, or use another one with --data DIR";
    }
    if (error.code == "process.sandbox") return error.message + "; or run with --sandbox auto";
    return error.message;
}

}  // namespace mill::cli
