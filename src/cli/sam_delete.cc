// SPDX-License-Identifier: Apache-2.0
// sam delete: the stack, and what its deployment put into S3.
#include "cli/prompt.h"
#include "cli/sam_stack.h"
#include "machine/signal.h"

namespace mill::cli {
namespace {

struct Deletion {
    Session& session;
    ArtifactStore store;
    std::string stack;
    bool asks;
    wire::Value document = {};
    std::string template_name = {};  // of its object
    bool folder = false;             // all below the prefix goes
    bool template_file = false;
};

// "s3://bucket/prefix/key" -> bucket and the rest.
Pairs::value_type parts_of(const std::string& uri) {
    const std::size_t slash = uri.find('/', 5);
    return {uri.substr(5, slash - 5), slash == std::string::npos ? "" : uri.substr(slash + 1)};
}

// Where the code of a function or layer lies; empty if not in S3.
std::string code_of(const wire::Value& resource) {
    const wire::Value* properties = resource.find("Properties");
    if (!properties) return {};
    for (const char* name : {"CodeUri", "ContentUri", "Code", "Content"}) {
        const wire::Value* value = properties->find(name);
        if (!value) continue;
        if (value->string()) return value->string()->starts_with("s3://") ? *value->string() : "";
        const std::string bucket =
            wire::text_of(*value, "S3Bucket", wire::text_of(*value, "Bucket"));
        const std::string key = wire::text_of(*value, "S3Key", wire::text_of(*value, "Key"));
        if (!bucket.empty() && !key.empty()) return "s3://" + bucket + "/" + key;
    }
    return {};
}

std::vector<std::string> codes_of(const wire::Value& document) {
    std::vector<std::string> codes;
    const wire::Value* resources = document.find("Resources");
    if (!resources || !resources->members()) return codes;
    for (const auto& [id, resource] : *resources->members()) {
        if (wire::text_of(resource, "DeletionPolicy") == "Retain") continue;
        if (std::string uri = code_of(resource); !uri.empty()) codes.push_back(std::move(uri));
    }
    return codes;
}

// The bucket that the template's code lies in, where no option names one.
void find_bucket(Deletion& deletion) {
    if (!deletion.store.bucket.empty()) return;
    const auto codes = codes_of(deletion.document);
    if (codes.empty()) return;
    const auto [bucket, key] = parts_of(codes.front());
    deletion.store.bucket = bucket;
    const std::size_t slash = key.rfind('/');
    deletion.store.prefix = slash == std::string::npos ? "" : key.substr(0, slash);
}

Result<void> ask_about_artefacts(Deletion& deletion) {
    Session& session = deletion.session;
    if (deletion.store.bucket.empty()) return {};
    const std::string& prefix = deletion.store.prefix;
    if (!deletion.asks) {
        (prefix.empty() ? deletion.template_file : deletion.folder) = true;
        return {};
    }
    if (!prefix.empty()) {
        MILL_TRY(deletion.folder,
                 confirm(session,
                         session.bold("\tAre you sure you want to delete the folder " + prefix +
                                      " in S3 which contains the artifacts?"),
                         false));
    }
    if (deletion.folder) return {};
    MILL_TRY(deletion.template_file,
             confirm(session,
                     session.bold("\tDo you want to delete the template file " +
                                  deletion.template_name + " in S3?"),
                     false));
    return {};
}

Task<Result<void>> delete_artefacts(Deletion& deletion) {
    for (const std::string& uri : codes_of(deletion.document)) {
        const auto [bucket, key] = parts_of(uri);
        ArtifactStore theirs = deletion.store;
        theirs.bucket = bucket;
        MILL_CO_CHECK(co_await delete_artifact(theirs, key));
    }
    ArtifactStore& store = deletion.store;
    if (deletion.template_file) {
        const std::string& prefix = store.prefix;
        MILL_CO_CHECK(co_await delete_artifact(
            store, (prefix.empty() ? "" : prefix + "/") + deletion.template_name));
    } else if (deletion.folder) {
        MILL_CO_TRY(const auto keys, co_await list_keys(store, store.prefix + "/"));
        for (const std::string& key : keys) MILL_CO_CHECK(co_await delete_artifact(store, key));
    }
    co_return Result<void>();
}

Task<Result<void>> delete_stack(Deletion& deletion, std::string id) {
    Session& session = deletion.session;
    AwsClient& client = deletion.store.client;
    session.out("\t- Deleting Cloudformation stack " + deletion.stack + "\n");
    auto begun = co_await cloudformation(client, "DeleteStack", {{"StackName", deletion.stack}});
    if (!begun) co_return std::unexpected(as_client_error(begun.error(), "DeleteStack"));
    for (;;) {
        // A deleted stack is found by its id only.
        MILL_CO_TRY(const auto stack, co_await describe_stack(client, id));
        const std::string now = wire::text_of(stack, "StackStatus");
        if (stack.is_null() || now == "DELETE_COMPLETE") co_return Result<void>();
        if (now == "DELETE_FAILED") {
            co_return fail("delete",
                           "Failed to delete the stack: " + deletion.stack +
                               ", msg: ex: its status is DELETE_FAILED; `aws cloudformation "
                               "describe-stack-events --stack-name " +
                               deletion.stack + "` says why");
        }
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + poll_interval(session));
    }
}

bool is_protected(const wire::Value& stack) {
    return wire::text_of(stack, "EnableTerminationProtection") == "true";
}

Task<Result<void>> delete_all(Deletion& deletion, std::string id) {
    auto answer =
        co_await cloudformation(deletion.store.client, "GetTemplate",
                                {{"StackName", deletion.stack}, {"TemplateStage", "Original"}});
    if (!answer) co_return std::unexpected(as_client_error(answer.error(), "GetTemplate"));
    const std::string text = wire::text_of(*answer, "TemplateBody");
    const Digest16 digest = md5(text);
    deletion.template_name =
        hex({reinterpret_cast<const char*>(digest.data()), digest.size()}) + ".template";
    if (auto document = wire::parse_template(text)) deletion.document = *std::move(document);
    find_bucket(deletion);
    MILL_CO_CHECK(ask_about_artefacts(deletion));
    MILL_CO_CHECK(co_await delete_artefacts(deletion));
    MILL_CO_CHECK(co_await delete_stack(deletion, std::move(id)));
    if (deletion.store.bucket.empty()) {
        deletion.session.out(
            deletion.session.yellow(
                "\nWarning: Cannot resolve s3 bucket information from command options , local "
                "config file or cloudformation template. Please use --s3-bucket next time and "
                "delete s3 files manually if required.") +
            "\n");
    }
    deletion.session.out("\nDeleted successfully\n");
    co_return Result<void>();
}

}  // namespace

Task<Result<void>> sam_delete(Session& session, SamOptions options) {
    const bool asks = !options.flag("--no-prompts");
    std::string stack = options.get("--stack-name");
    if (stack.empty() && !asks) {
        co_return fail("usage",
                       "Missing option '--stack-name', provide a stack name that needs to be "
                       "deleted.");
    }
    if (stack.empty()) {
        MILL_CO_TRY(stack, prompt(session, session.bold("\tEnter stack name you want to delete")));
    }
    MILL_CO_TRY(const Target target, find_target(session, options));
    Deletion deletion{session,
                      {session, AwsClient(session.machine, target), options.get("--s3-bucket"),
                       options.get("--s3-prefix")},
                      stack,
                      asks};
    if (asks) {
        MILL_CO_TRY(const bool agreed,
                    confirm(session,
                            session.bold("\tAre you sure you want to delete the stack " + stack +
                                         " in the region " + target.region + " ?"),
                            false));
        if (!agreed) co_return Result<void>();
    }
    MILL_CO_TRY(const auto described, co_await describe_stack(deletion.store.client, stack));
    if (described.is_null()) {  // as SAM CLI: said, and no failure
        session.out("Error: The input stack " + stack +
                    " does not exist on Cloudformation in the region " + target.region + "\n");
        co_return Result<void>();
    }
    if (is_protected(described)) {
        co_return fail("delete", "Stack " + stack +
                                     " cannot be deleted while TerminationProtection is enabled.");
    }
    co_return co_await delete_all(deletion, wire::text_of(described, "StackId"));
}

}  // namespace mill::cli
