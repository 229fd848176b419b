// SPDX-License-Identifier: Apache-2.0
// sam sync: a stack and its code as they are in the project; with --watch after every change of a
// file. Code alone goes straight to the functions.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/interruption.h"
#include "cli/sam_stack.h"
#include "cli/stack_resources.h"

namespace mill::cli {
namespace {

using wire::Value;

// Editors write several files one after the other.
constexpr auto quiet_time = std::chrono::milliseconds(100);
constexpr std::string_view never_watched[] = {".aws-sam", ".git", "__pycache__", "node_modules"};

struct Syncer {
    Session& session;
    SamOptions options;
    Target target;
    ArtifactStore store;
    DeployOrder order;
    std::string project = {};  // where the template lies
    std::string path = {};     // of the template
    Value source = {};         // the template as it stands in the project
    Value built = {};          // with the code's folders below `built_directory`
    std::string built_directory = {};

    Task<Result<void>> build();
    Task<Result<void>> infra();
    Task<Result<void>> code(std::set<std::string> wanted);
    Task<Result<bool>> is_as_deployed(Value& packaged);
    Task<Result<void>> update_function(std::string logical_id, std::string name,
                                       std::string folder);
};

Task<Result<void>> Syncer::build() {
    MILL_CO_TRY(source, load_template(session.machine.files, path));
    SamOptions build = options;
    build.config["cached"] = {"true"};
    build.config["parallel"] = {"true"};
    MILL_CO_TRY(const std::string template_path, co_await build_project(session, std::move(build)));
    built_directory = directory_of(template_path);
    MILL_CO_TRY(built, load_template(session.machine.files, template_path));
    session.out("\n" + session.green("Build Succeeded") + "\n\n");
    co_return Result<void>();
}

// The same template but for where the code lies.
bool equal_but_for_code(Value a, Value b) {
    for (Value* document : {&a, &b}) {
        for (const CodeSource& one : functions_of(*document))
            set_code_uri(*document, one.logical_id, "code");
    }
    return a == b;
}

Task<Result<bool>> Syncer::is_as_deployed(Value& packaged) {
    if (options.get("--skip-deploy-sync", "true") == "false") co_return false;
    auto answer = co_await cloudformation(
        store.client, "GetTemplate", {{"StackName", order.stack}, {"TemplateStage", "Original"}});
    if (!answer && answer.error().code == "net.unreachable")
        co_return std::unexpected(answer.error());
    if (!answer || !order.parameters.empty()) co_return false;
    MILL_CO_TRY(const Value stack, co_await describe_stack(store.client, order.stack));
    const std::string status = wire::text_of(stack, "StackStatus");
    if (status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE") co_return false;
    const auto deployed = wire::parse_template(wire::text_of(*answer, "TemplateBody"));
    const auto ours = wire::parse_template(wire::write_yaml(packaged));
    co_return deployed&& ours&& equal_but_for_code(*deployed, *ours);
}

Task<Result<void>> Syncer::infra() {
    MILL_CO_CHECK(co_await build());
    Value packaged = built;
    MILL_CO_CHECK(co_await package_document(store, packaged, built_directory));
    MILL_CO_TRY(const bool same, co_await is_as_deployed(packaged));
    if (same) {
        session.err(
            "Template hasn't been changed since last deployment, skipping infra sync...\n"
            "Queuing up code sync for the resources that require an update\n");
        co_return co_await code({});
    }
    MILL_CO_TRY(const Value before, co_await describe_stack(store.client, order.stack));
    MILL_CO_TRY(const bool changed, co_await deploy_directly(store, order, std::move(packaged)));
    session.err(session.green(before.is_null()
                                  ? "\nStack creation succeeded. Sync infra completed.\n"
                              : changed ? "\nStack update succeeded. Sync infra completed.\n"
                                        : "\nStack is up to date. Sync infra completed.\n") +
                "\n");
    co_return Result<void>();
}

Task<Result<void>> Syncer::update_function(std::string logical_id, std::string name,
                                           std::string folder) {
    MILL_CO_TRY(const Bytes zip, zip_directory(session.machine.files, folder));
    const std::string function = "/2015-03-31/functions/" + wire::http::percent_encode(name);
    auto answer = co_await store.client.rest(
        "lambda", {.method = "GET", .target = function + "/configuration"});
    if (!answer)
        co_return std::unexpected(as_client_error(answer.error(), "GetFunctionConfiguration"));
    MILL_CO_TRY(const Value configuration, wire::parse_json(answer->body));
    if (wire::text_of(configuration, "CodeSha256") == base64_encode(sha256(zip)))
        co_return Result<void>();
    session.err(session.cyan("Syncing Lambda Function " + logical_id + "...") + "\n");
    Value input;
    input["ZipFile"] = base64_encode(zip);
    auto updated = co_await store.client.rest(
        "lambda", {.method = "PUT", .target = function + "/code", .body = wire::write_json(input)});
    if (!updated) co_return std::unexpected(as_client_error(updated.error(), "UpdateFunctionCode"));
    session.err(session.green("Finished syncing Lambda Function " + logical_id + ".") + "\n");
    co_return Result<void>();
}

// Layers have versions, which only a deployment makes.
void tell_of_layers(Session& session, const Value& document) {
    std::string names;
    for (const CodeSource& one : sources_of(document)) {
        if (one.is_layer()) names += (names.empty() ? "" : ", ") + one.logical_id;
    }
    if (names.empty()) return;
    session.err(session.yellow("Layers are not synced by --code: " + names +
                               ". Sync without --code to publish them.") +
                "\n");
}

// The functions of these logical ids, or all; what is built already.
Task<Result<void>> Syncer::code(std::set<std::string> wanted) {
    MILL_CO_TRY(const auto resources, co_await stack_resources(store.client, order.stack));
    std::map<std::string, std::string> names;
    for (const StackResource& one : resources) names[one.logical_id] = one.physical_id;
    for (const CodeSource& function : functions_of(built)) {
        if (function.uri.empty() || (!wanted.empty() && !wanted.contains(function.logical_id)))
            continue;
        if (!names.contains(function.logical_id)) {
            session.err(session.yellow("Cannot find resource " + function.logical_id +
                                       " in the stack; sync without --code to make it.") +
                        "\n");
            continue;
        }
        MILL_CO_CHECK(co_await update_function(function.logical_id, names[function.logical_id],
                                               join_path(built_directory, function.uri)));
    }
    co_return Result<void>();
}

// --resource-id and --resource.
Result<std::set<std::string>> wanted_functions(const SamOptions& options, const Value& document) {
    std::set<std::string> wanted;
    const auto functions = functions_of(document);
    for (const std::string& id : options.all("--resource-id")) {
        if (std::ranges::find(functions, id, &CodeSource::logical_id) == functions.end())
            return fail("sam", "sync --code knows no function " + id +
                                   " in the template; layers and other resources are brought by "
                                   "sync without --code");
        wanted.insert(id);
    }
    for (const std::string& type : options.all("--resource")) {
        if (type != "AWS::Serverless::Function" && type != "AWS::Lambda::Function") {
            return fail("usage", "Invalid value for '--resource': '" + type +
                                     "' is not one of 'AWS::Serverless::Function', "
                                     "'AWS::Lambda::Function'.");
        }
        for (const CodeSource& one : functions) {
            if (one.type == type) wanted.insert(one.logical_id);
        }
    }
    return wanted;
}

bool is_below(const std::string& path, const std::string& folder) {
    if (folder == ".") return !path.starts_with('/') && !path.starts_with("../");
    return path == folder || path.starts_with(folder + "/");
}

bool is_never_watched(const std::string& path) {
    for (const std::string_view name : never_watched) {
        if (path.contains("/" + std::string(name) + "/") || path.ends_with("/" + std::string(name)))
            return true;
    }
    return false;
}

std::string normal(const std::string& path) {
    std::string text = std::filesystem::path(path).lexically_normal().string();
    if (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
}

// What has changed, in terms of what is to be done.
struct Change {
    bool infra = false;
    std::set<std::string> functions = {};
};

class Watcher {
  public:
    explicit Watcher(Syncer& syncer)
        : syncer_(syncer), session_(syncer.session), interruption_(syncer.session) {}
    Task<Result<void>> run();

  private:
    Result<void> open();
    Change take_change();
    // Nothing if it was interrupted.
    Task<Change> next_change();
    Task<void> sync(Change change);
    void say(const std::string& text) { session_.err(text + "\n"); }

    Syncer& syncer_;
    Session& session_;
    Interruption interruption_;
    std::unique_ptr<Watch> watch_;
    std::string template_path_;
    std::map<std::string, std::string> folders_;  // of functions and layers
    std::set<std::string> layers_;
    std::set<std::string> excluded_;  // files of --watch-exclude
};

Result<void> Watcher::open() {
    template_path_ = normal("./" + syncer_.path);
    std::vector<std::string> paths = {template_path_};
    folders_.clear();
    MILL_TRY(const Pairs excluded, key_values(syncer_.options, "--watch-exclude", ','));
    for (const CodeSource& one : sources_of(syncer_.source)) {
        if (one.uri.empty()) continue;
        const std::string folder = normal("./" + join_path(syncer_.project, one.uri));
        folders_[one.logical_id] = folder;
        if (one.is_layer()) layers_.insert(one.logical_id);
        paths.push_back(folder);
        for (const auto& [id, name] : excluded) {
            if (id == one.logical_id) excluded_.insert(normal(folder + "/" + name));
        }
    }
    MILL_TRY(watch_, session_.watch(paths, interruption_.changed));
    return {};
}

Change Watcher::take_change() {
    Change change;
    for (const std::string& raw : watch_->take_changed()) {
        const std::string path = normal(raw);
        if (is_never_watched("/" + path) || excluded_.contains(path)) continue;
        if (path == template_path_) change.infra = !syncer_.options.flag("--code");
        for (const auto& [id, folder] : folders_) {
            if (path == template_path_ || !is_below(path, folder)) continue;
            if (layers_.contains(id)) {
                change.infra = !syncer_.options.flag("--code");
            } else {
                change.functions.insert(id);
            }
        }
    }
    return change;
}

Task<Change> Watcher::next_change() {
    Change all;
    for (;;) {
        if (interruption_.interrupted) co_return Change();
        Change more = take_change();
        const bool is_new = more.infra || !more.functions.empty();
        all.infra = all.infra || more.infra;
        all.functions.merge(more.functions);
        const bool is_something = all.infra || !all.functions.empty();
        if (is_something && !is_new) co_return all;
        if (is_something) {
            co_await machine::sleep_until(session_.machine.timers,
                                          session_.machine.clock.now() + quiet_time);
        } else {
            co_await interruption_.changed.wait();
        }
    }
}

Task<void> Watcher::sync(Change change) {
    if (change.infra) {
        say(session_.cyan("Starting infra sync."));
        const auto done = co_await syncer_.infra();
        if (done) {
            say(session_.green("Infra sync completed."));
        } else {
            say(session_.red("Failed to sync infra. Code sync is paused until template/stack is "
                             "fixed.") +
                "\n" + done.error().message);
        }
        // What the template names now.
        if (auto opened = open(); !opened) say(opened.error().message);
        co_return;
    }
    auto built = co_await syncer_.build();
    if (built) built = co_await syncer_.code(change.functions);
    if (!built) say(session_.red("Failed to sync code: ") + built.error().message);
}

Task<Result<void>> Watcher::run() {
    MILL_CO_TRY(syncer_.source, load_template(session_.machine.files, syncer_.path));
    MILL_CO_CHECK(open());
    if (syncer_.options.flag("--code")) {
        say(session_.yellow(
            "You have enabled the --code flag, which limits sam sync updates to code changes only. "
            "To do a complete infrastructure and code sync, remove the --code flag."));
        tell_of_layers(session_, syncer_.source);
        say(session_.green("Sync watch started."));
    } else {
        co_await sync({.infra = true});
        say(session_.green("Sync watch started."));
    }
    for (;;) {
        const Change change = co_await next_change();
        if (interruption_.interrupted) break;
        co_await sync(change);
    }
    say(session_.cyan("Shutting down sync watch..."));
    say(session_.green("Sync watch stopped."));
    co_return Result<void>();
}

Task<Result<Syncer>> open_syncer(Session& session, SamOptions options) {
    if (options.get("--stack-name").empty())
        co_return fail("usage", "Missing option '--stack-name'.");
    if (!options.has("--capabilities"))
        options.config["capabilities"] = {"CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"};
    MILL_CO_TRY(DeployOrder order, deploy_order(session, options));
    MILL_CO_TRY(const Target target, find_target(session, options));
    MILL_CO_TRY(const std::string path, find_template(session.machine.files, options.directory,
                                                      options.get("--template-file")));
    SamOptions bucket = options;
    if (bucket.get("--s3-bucket").empty()) bucket.config["resolve_s3"] = {"true"};
    if (!bucket.get("--s3-bucket").empty()) bucket.config["resolve_s3"] = {"false"};
    bucket.config["no_progressbar"] = {"true"};
    MILL_CO_TRY(ArtifactStore store, co_await open_artifact_store(session, target, bucket));
    co_return Syncer{.session = session,
                     .options = std::move(options),
                     .target = target,
                     .store = std::move(store),
                     .order = std::move(order),
                     .project = directory_of(path),
                     .path = path};
}

}  // namespace

Task<Result<void>> sam_sync(Session& session, SamOptions options) {
    MILL_CO_TRY(Syncer syncer, co_await open_syncer(session, std::move(options)));
    if (syncer.options.flag("--watch")) {
        Watcher watcher(syncer);
        co_return co_await watcher.run();
    }
    if (!syncer.options.flag("--code")) co_return co_await syncer.infra();
    MILL_CO_CHECK(co_await syncer.build());
    MILL_CO_TRY(auto wanted, wanted_functions(syncer.options, syncer.source));
    if (wanted.empty()) tell_of_layers(session, syncer.source);
    co_return co_await syncer.code(std::move(wanted));
}

}  // namespace mill::cli
