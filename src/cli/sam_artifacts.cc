// SPDX-License-Identifier: Apache-2.0
#include "cli/sam_artifacts.h"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "machine/signal.h"

namespace mill::cli {
namespace {

constexpr const char* managed_stack = "aws-sam-cli-managed-default";
constexpr auto stack_interval = std::chrono::milliseconds(20);

// SAM CLI finds its bucket again by the stack's name, tag and output.
constexpr const char* managed_template = R"({
  "Resources": {"SamCliSourceBucket": {"Type": "AWS::S3::Bucket", "Properties": {
    "VersioningConfiguration": {"Status": "Enabled"},
    "Tags": [{"Key": "ManagedStackSource", "Value": "AwsSamCli"}]}}},
  "Outputs": {"SourceBucket": {"Value": {"Ref": "SamCliSourceBucket"}}}
})";

bool is_missing(const Error& error) {
    return error.status == 404 || error.code.starts_with("NoSuch");
}

std::string path_of(const ArtifactStore& store, const std::string& key) {
    return "/" + store.bucket + "/" + wire::http::percent_encode(key, true);
}

Task<Result<bool>> is_there(ArtifactStore& store, std::string key) {
    auto head = co_await store.client.rest("s3", {.method = "HEAD", .target = path_of(store, key)});
    if (head) co_return true;
    if (is_missing(head.error())) co_return false;
    co_return std::unexpected(head.error());
}

std::string source_bucket(const wire::Value& stack) {
    for (const wire::Value& output : wire::list_of(stack, "Outputs")) {
        if (wire::text_of(output, "OutputKey") == "SourceBucket")
            return wire::text_of(output, "OutputValue");
    }
    return {};
}

bool is_tagged(const wire::Value& stack) {
    for (const wire::Value& tag : wire::list_of(stack, "Tags")) {
        if (wire::text_of(tag, "Key") == "ManagedStackSource")
            return wire::text_of(tag, "Value") == "AwsSamCli";
    }
    return false;
}

Task<Result<wire::Value>> describe(AwsClient& client, std::string stack) {
    MILL_CO_TRY(const auto answer,
                co_await cloudformation(client, "DescribeStacks", {{"StackName", stack}}));
    const auto& stacks = wire::list_of(answer, "Stacks");
    if (stacks.empty())
        co_return fail("ValidationError", "Stack with id " + stack + " does not exist");
    co_return stacks.front();
}

Task<Result<wire::Value>> make_managed_stack(Session& session, AwsClient& client) {
    session.out("\tCreating the required resources...\n");
    MILL_CO_TRY(const auto made,
                co_await cloudformation(client, "CreateStack",
                                        {{"StackName", managed_stack},
                                         {"TemplateBody", managed_template},
                                         {"Tags.member.1.Key", "ManagedStackSource"},
                                         {"Tags.member.1.Value", "AwsSamCli"}}));
    static_cast<void>(made);
    for (;;) {
        MILL_CO_TRY(auto stack, co_await describe(client, managed_stack));
        const std::string status = wire::text_of(stack, "StackStatus");
        if (status == "CREATE_COMPLETE") {
            session.out("\tSuccessfully created!\n");
            co_return stack;
        }
        if (status != "CREATE_IN_PROGRESS")
            co_return fail("deploy", "Failed to create managed resources: the stack " +
                                         std::string(managed_stack) + " is in " + status);
        co_await machine::sleep_until(session.machine.timers,
                                      session.machine.clock.now() + stack_interval);
    }
}

}  // namespace

Error as_client_error(Error error, std::string_view operation) {
    if (error.code != "net.unreachable") {
        error.message = fmt::format("An error occurred ({}) when calling the {} operation: {}",
                                    error.code, operation, error.message);
    }
    return error;
}

Task<Result<std::string>> managed_bucket(Session& session, AwsClient client) {
    auto stack = co_await describe(client, managed_stack);
    if (!stack && stack.error().code != "ValidationError") co_return std::unexpected(stack.error());
    if (!stack) stack = co_await make_managed_stack(session, client);
    if (!stack) co_return std::unexpected(stack.error());
    std::string bucket = source_bucket(*stack);
    if (bucket.empty() || !is_tagged(*stack)) {
        co_return fail("deploy",
                       fmt::format("Stack {} is missing Tags and/or Outputs information and "
                                   "therefore not in a healthy state (Current state:{}). Failing "
                                   "as the stack was likely not created by the AWS SAM CLI",
                                   managed_stack, wire::text_of(*stack, "StackStatus")));
    }
    session.out("\n" + session.bold("\tManaged S3 bucket: " + bucket) +
                "\n\tAuto resolution of buckets can be turned off by setting resolve_s3=False\n"
                "\tTo use a specific S3 bucket, set --s3-bucket=<bucket_name>\n");
    co_return bucket;
}

Task<Result<ArtifactStore>> open_artifact_store(Session& session, Target target,
                                                SamOptions options) {
    ArtifactStore store{session, AwsClient(session.machine, std::move(target)),
                        options.get("--s3-bucket"), options.get("--s3-prefix")};
    store.kms_key = options.get("--kms-key-id");
    store.force = options.flag("--force-upload");
    store.quiet = options.flag("--no-progressbar");
    MILL_CO_TRY(store.metadata, key_values(options, "--metadata", ','));
    if (!options.flag("--resolve-s3")) co_return store;
    if (!store.bucket.empty()) {
        co_return fail("sam",
                       "Cannot use both --resolve-s3 and --s3-bucket parameters in non-guided "
                       "deployments. Please use only one or use the --guided option for a guided "
                       "deployment.");
    }
    MILL_CO_TRY(store.bucket, co_await managed_bucket(session, store.client));
    co_return store;
}

Task<Result<std::string>> upload(ArtifactStore& store, Bytes bytes, std::string suffix) {
    if (store.bucket.empty()) {
        co_return fail(
            "package",
            "S3 Bucket not specified, use --s3-bucket to specify a bucket name, or use "
            "--resolve-s3 to create a managed default bucket, or run sam deploy --guided");
    }
    const Digest16 digest = md5(bytes);
    const std::string name =
        hex({reinterpret_cast<const char*>(digest.data()), digest.size()}) + suffix;
    std::string key = store.prefix.empty() ? name : store.prefix + "/" + name;
    if (!store.force) {
        MILL_CO_TRY(const bool there, co_await is_there(store, key));
        if (there) {
            store.session.err("\n\tFile with same data already exists at " + key +
                              ", skipping upload\n");
            co_return key;
        }
    }
    const std::size_t size = bytes.size();
    wire::http::Request put{
        .method = "PUT", .target = path_of(store, key), .body = std::move(bytes)};
    if (!store.kms_key.empty()) {
        put.headers.set("x-amz-server-side-encryption", "aws:kms");
        put.headers.set("x-amz-server-side-encryption-aws-kms-key-id", store.kms_key);
    }
    for (const auto& [meta, value] : store.metadata) put.headers.set("x-amz-meta-" + meta, value);
    auto sent = co_await store.client.rest("s3", std::move(put));
    if (!sent && sent.error().code == "NoSuchBucket")
        co_return fail("package", "S3 Bucket does not exist.");
    if (!sent) co_return std::unexpected(as_client_error(sent.error(), "PutObject"));
    if (!store.quiet)
        store.session.err(
            fmt::format("\r\tUploading to {}  {} / {}  (100.00%)\n", key, size, size));
    co_return key;
}

Task<Result<void>> package_document(ArtifactStore& store, wire::Value& document,
                                    std::string directory) {
    machine::Files& files = store.session.machine.files;
    for (const CodeSource& source : sources_of(document)) {
        if (source.uri.empty()) continue;
        const std::string path = join_path(directory, source.uri);
        if (!files.exists(path)) {
            co_return fail("package",
                           fmt::format("Unable to upload artifact {} referenced by {} parameter of "
                                       "{} resource.\nParameter {} of resource {} refers to a file "
                                       "or folder that does not exist {}",
                                       source.uri, source.property(), source.logical_id,
                                       source.property(), source.logical_id, path));
        }
        Result<Bytes> zip = path.ends_with(".zip") || path.ends_with(".jar")
                                ? machine::read_file(files, path)
                                : zip_directory(files, path, store.compresses);
        if (!zip) co_return std::unexpected(zip.error());
        auto key = co_await upload(store, *std::move(zip), "");
        if (!key && key.error().code == "package") {
            co_return fail(
                "package",
                fmt::format("Unable to upload artifact {} referenced by {} parameter of "
                            "{} resource.\n{}",
                            source.uri, source.property(), source.logical_id, key.error().message));
        }
        if (!key) co_return std::unexpected(key.error());
        set_code_uri(document, source.logical_id, "s3://" + store.bucket + "/" + *key);
    }
    co_return Result<void>();
}

Task<Result<std::vector<std::string>>> list_keys(ArtifactStore& store, std::string prefix) {
    std::vector<std::string> keys;
    std::string token;
    do {
        std::string target =
            "/" + store.bucket + "?list-type=2&prefix=" + wire::http::percent_encode(prefix);
        if (!token.empty()) target += "&continuation-token=" + wire::http::percent_encode(token);
        MILL_CO_TRY(const auto answer,
                    co_await store.client.rest("s3", {.method = "GET", .target = target}));
        pugi::xml_document document;
        if (!document.load_buffer(answer.body.data(), answer.body.size()))
            co_return fail("xml", "the server's answer is not XML");
        const pugi::xml_node list = document.document_element();
        for (const pugi::xml_node& one : list.children("Contents"))
            keys.emplace_back(one.child("Key").text().get());
        token = list.child("NextContinuationToken").text().get();
    } while (!token.empty());
    co_return keys;
}

Task<Result<void>> delete_artifact(ArtifactStore& store, std::string key) {
    MILL_CO_TRY(const bool there, co_await is_there(store, key));
    if (!there) {
        store.session.err("\t- Could not find and delete the S3 object with the key " + key + "\n");
        co_return Result<void>();
    }
    store.session.err("\t- Deleting S3 object with key " + key + "\n");
    MILL_CO_TRY(const auto gone, co_await store.client.rest(
                                     "s3", {.method = "DELETE", .target = path_of(store, key)}));
    static_cast<void>(gone);
    co_return Result<void>();
}

}  // namespace mill::cli
