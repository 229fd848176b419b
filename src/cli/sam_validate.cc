// SPDX-License-Identifier: Apache-2.0
// sam validate: what CloudFormation would say about the template.
#include "cli/sam_translated.h"

namespace mill::cli {

Task<Result<void>> sam_validate(Session& session, SamOptions options) {
    machine::Files& files = session.machine.files;
    const auto found = find_template(files, options.directory, options.get("--template-file"));
    if (!found) {
        session.out("SAM Template Not Found\n");
        const std::string wanted = options.get("--template-file", "template.yml");
        MILL_CO_TRY(const CommandResult full, session.run({.argv = {"realpath", "-m", wanted}}));
        co_return fail("template", "Template at " + full.output.substr(0, full.output.find('\n')) +
                                       " is not found");
    }
    MILL_CO_TRY(const CommandResult absolute, session.run({.argv = {"realpath", *found}}));
    const std::string path = absolute.output.substr(0, absolute.output.find('\n'));
    MILL_CO_TRY(auto document, load_template(files, *found));
    MILL_CO_TRY(Target target, find_target(session, options));
    const auto resources =
        co_await translate_template(session, std::move(target), std::move(document), {});
    if (!resources && resources.error().code == "invalid") {
        session.out(session.red("Template provided at '" + path + "' was invalid SAM Template.") +
                    "\n");
        co_return fail("template", resources.error().message);
    }
    if (!resources) co_return std::unexpected(resources.error());
    session.out(session.green(path +
                              " is a valid SAM Template. This is according to basic SAM "
                              "Validation, for additional validation, please run with \"--lint\" "
                              "option") +
                "\n");
    co_return Result<void>();
}

}  // namespace mill::cli
