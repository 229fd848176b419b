// SPDX-License-Identifier: Apache-2.0
// Builds the code of one function or layer into a folder: by a Makefile, pip or npm. Blocks; may be
// used from several threads for different folders.
#pragma once

#include "cli/sam.h"

namespace mill::cli {

struct BuildJob {
    std::vector<CodeSource> sources;  // that are equal: built for the first, copied for the others
    std::string source;               // folder, absolute
    std::string artifacts;            // where it goes, absolute, named by the first; emptied first
    std::string scratch;              // for copies of the source, absolute
    std::string cache = {};           // folder of --cached, absolute; empty: not wanted
    std::string manifest = {};        // instead of requirements.txt or package.json, absolute
    std::string sdk = {};             // MILLRACE_SDK of Makefiles
    std::string story = {};           // what there is to tell, for stderr

    const CodeSource& first() const { return sources.front(); }
    std::string names() const;  // "A, B"
};

// makefile, python or nodejs; an error says what Millrace does not build.
Result<std::string> build_method(const CodeSource& source);
// `run` is Session::run.
Result<void> build_code(machine::Files& files,
                        const std::function<Result<CommandResult>(const Command&)>& run,
                        BuildJob& job);

}  // namespace mill::cli
