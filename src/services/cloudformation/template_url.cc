// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/template_url.h"

namespace mill::cloudformation {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '%' && i + 2 < text.size() &&
                               hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        if (!is_escape) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
    }
    return out;
}

// "bucket" of "bucket.s3.us-east-1.amazonaws.com"; empty for other hosts.
std::string_view virtual_host_bucket(std::string_view host) {
    if (!host.ends_with(".amazonaws.com")) return {};
    for (const std::string_view mark : {".s3.", ".s3-"}) {
        const std::size_t at = host.find(mark);
        if (at != host.npos && at > 0) return host.substr(0, at);
    }
    return {};
}

}  // namespace

Result<ObjectPlace> parse_template_url(std::string_view url) {
    const auto refused = fail("ValidationError", "TemplateURL must be a supported URL.", 400);
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == url.npos) return refused;
    const std::string_view scheme = url.substr(0, scheme_end);
    std::string_view rest = url.substr(scheme_end + 3);
    rest = rest.substr(0, rest.find('?'));
    if (scheme != "s3" && scheme != "http" && scheme != "https") return refused;
    std::string_view bucket;
    if (scheme != "s3") {
        const std::size_t slash = rest.find('/');
        if (slash == rest.npos) return refused;
        bucket = virtual_host_bucket(rest.substr(0, slash));
        rest.remove_prefix(slash + 1);
    }
    if (bucket.empty()) {
        const std::size_t slash = rest.find('/');
        if (slash == rest.npos) return refused;
        bucket = rest.substr(0, slash);
        rest.remove_prefix(slash + 1);
    }
    if (bucket.empty() || rest.empty()) return refused;
    return ObjectPlace{percent_decoded(bucket), percent_decoded(rest)};
}

}  // namespace mill::cloudformation
