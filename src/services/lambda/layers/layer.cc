// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/layers/layer.h"

#include <fmt/format.h>

#include <charconv>

#include "model/arn.h"

namespace mill::lambda {
namespace {

constexpr std::string_view resource_prefix = "layer:";

}  // namespace

std::string LayerId::arn() const {
    return fmt::format("arn:aws:lambda:{}:{}:{}{}", region, account, resource_prefix, name);
}

std::string LayerId::version_arn(std::int64_t version) const {
    return fmt::format("{}:{}", arn(), version);
}

LayerId layer_of(const Caller& caller, std::string_view name_or_arn) {
    const auto arn = model::parse_arn(name_or_arn);
    if (!arn) return {caller.account, caller.region, std::string(name_or_arn)};
    return {arn->account, arn->region,
            arn->resource.substr(std::min(arn->resource.size(), resource_prefix.size()))};
}

std::optional<LayerReference> parse_layer_version_arn(std::string_view text) {
    const auto arn = model::parse_arn(text);
    if (!arn || arn->service != "lambda" || !arn->resource.starts_with(resource_prefix))
        return std::nullopt;
    const std::string_view rest = std::string_view(arn->resource).substr(resource_prefix.size());
    const std::size_t colon = rest.find(':');
    if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
    const std::string_view number = rest.substr(colon + 1);
    LayerReference out{{arn->account, arn->region, std::string(rest.substr(0, colon))}, 0};
    const char* const end = number.data() + number.size();
    const auto read = std::from_chars(number.data(), end, out.version);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return out;
}

}  // namespace mill::lambda
