// SPDX-License-Identifier: Apache-2.0
// What a deployment puts into S3: the code of functions and layers, and the template. Names are by
// content, so that what is there already is not sent again.
#pragma once

#include "cli/sam.h"

namespace mill::cli {

struct ArtifactStore {
    Session& session;
    AwsClient client;
    std::string bucket;
    std::string prefix = {};
    std::string kms_key = {};
    Pairs metadata = {};
    bool force = false;      // sends also what is there
    bool quiet = false;      // says nothing of uploads
    bool compresses = true;  // or zips are only containers, for a server that goes away at once
};

// --s3-bucket and the other options about it. With --resolve-s3 the bucket that SAM's own stack
// holds, made if need be; the session is told.
Task<Result<ArtifactStore>> open_artifact_store(Session& session, Target target,
                                                SamOptions options);
Task<Result<std::string>> managed_bucket(Session& session, AwsClient client);

// The key.
Task<Result<std::string>> upload(ArtifactStore& store, Bytes bytes, std::string suffix);
// Uploads the code and makes the document say where it is. `directory` is where its local paths
// begin.
Task<Result<void>> package_document(ArtifactStore& store, wire::Value& document,
                                    std::string directory);

// As botocore words it: "An error occurred (CODE) when calling the OPERATION operation: ...".
Error as_client_error(Error error, std::string_view operation);

// The keys that begin so.
Task<Result<std::vector<std::string>>> list_keys(ArtifactStore& store, std::string prefix);
// Tells what it deletes, as SAM CLI.
Task<Result<void>> delete_artifact(ArtifactStore& store, std::string key);

}  // namespace mill::cli
