// SPDX-License-Identifier: Apache-2.0
// The events that `sam local generate-event` gives: fixed texts with the values of a few options in
// them.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-local-generate-event.html
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace mill::cli {

struct SampleEvent {
    std::string_view service;  // "kinesis"
    std::string_view name;     // "get-records"
    // As SAM CLI prints it. "{region}" stands for the value of --region; after a colon: how it is
    // encoded (base64, md5 in hex, url).
    std::string_view text;
    std::vector<std::pair<std::string_view, std::string_view>> options;  // and what they are unset
};

const std::vector<SampleEvent>& sample_events();

}  // namespace mill::cli
