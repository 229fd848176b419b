// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/function.h"

namespace mill::lambda {

std::vector<std::string> blobs_of(const std::vector<FunctionLayer>& layers) {
    std::vector<std::string> names;
    for (const FunctionLayer& layer : layers) names.push_back(layer.code_sha256);
    return names;
}

void add_blobs(const Function& function, std::set<std::string>& used) {
    used.insert(function.code_sha256);
    for (const FunctionLayer& layer : function.layers) used.insert(layer.code_sha256);
}

}  // namespace mill::lambda
