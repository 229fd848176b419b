// SPDX-License-Identifier: Apache-2.0
// sam package: code to S3, and the template that says where it is.
#include "cli/sam_artifacts.h"

namespace mill::cli {

Task<Result<void>> sam_package(Session& session, SamOptions options) {
    const std::string bucket = options.get("--s3-bucket");
    // As SAM CLI: --resolve-s3 wins.
    if (options.flag("--resolve-s3")) {
        options.arguments.forget({"--s3-bucket"});
        options.config.erase("s3_bucket");
    }
    if (!options.flag("--resolve-s3") && bucket.empty()) {
        co_return fail("usage", "Missing option '--s3-bucket'");
    }
    MILL_CO_TRY(Target target, find_target(session, options));
    MILL_CO_TRY(const std::string path, find_built_template(session.machine.files, options));
    MILL_CO_TRY(auto document, load_template(session.machine.files, path));
    MILL_CO_TRY(ArtifactStore store,
                co_await open_artifact_store(session, std::move(target), options));
    MILL_CO_CHECK(co_await package_document(store, document, directory_of(path)));
    const std::string text = options.flag("--use-json") ? wire::write_json_pretty(document, 4)
                                                        : wire::write_yaml(document);
    const std::string file = options.get("--output-template-file");
    if (file.empty()) {
        session.out(text + "\n");
        co_return Result<void>();
    }
    MILL_CO_CHECK(machine::write_file_durably(session.machine.files, file, text));
    MILL_CO_TRY(const CommandResult absolute, session.run({.argv = {"realpath", file}}));
    session.out("\nSuccessfully packaged artifacts and wrote output template to file " + file +
                ".\nExecute the following command to deploy the packaged template\nsam deploy "
                "--template-file " +
                absolute.output.substr(0, absolute.output.find('\n')) +
                " --stack-name <YOUR STACK NAME>\n\n");
    co_return Result<void>();
}

}  // namespace mill::cli
