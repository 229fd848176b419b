// SPDX-License-Identifier: Apache-2.0
#include "wire/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mill::wire {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// Changed or dropped between client and server, so never signed (as botocore).
constexpr std::array<std::string_view, 12> unsigned_headers = {"authorization",
                                                               "connection",
                                                               "expect",
                                                               "keep-alive",
                                                               "proxy-authenticate",
                                                               "proxy-authorization",
                                                               "te",
                                                               "trailer",
                                                               "upgrade",
                                                               "transfer-encoding",
                                                               "user-agent",
                                                               "x-amzn-trace-id"};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

// Without empty, "." and ".." segments; a slash at the end stays.
std::string normalised(std::string_view path) {
    std::vector<std::string_view> kept;
    const auto segments = split(path, '/');
    for (std::string_view segment : segments) {
        if (segment.empty() || segment == ".") continue;
        if (segment != "..") {
            kept.push_back(segment);
        } else if (!kept.empty()) {
            kept.pop_back();
        }
    }
    std::string out;
    for (std::string_view segment : kept) out.append("/").append(segment);
    const std::string_view last = segments.back();
    if (out.empty() || last.empty()) out += '/';
    return out;
}

// S3 encodes once and takes names as they are; all others encode what the client has encoded again.
std::string canonical_uri(std::string_view path, bool s3) {
    if (path.empty()) return "/";
    return s3 ? http::percent_encode(http::percent_decode(path), true)
              : http::percent_encode(normalised(path), true);
}

// '+' stays what it is: only %XX is undone before all is encoded alike.
std::string canonical_query(std::string_view raw) {
    std::vector<std::pair<std::string, std::string>> items;
    for (std::string_view part : split(raw, '&')) {
        const std::size_t equals = std::min(part.find('='), part.size());
        std::string name = http::percent_encode(http::percent_decode(part.substr(0, equals)));
        const std::string_view value =
            equals < part.size() ? part.substr(equals + 1) : std::string_view();
        if (part.empty() || name == "X-Amz-Signature") continue;
        items.emplace_back(std::move(name), http::percent_encode(http::percent_decode(value)));
    }
    std::ranges::sort(items);
    std::string out;
    for (const auto& [name, value] : items) {
        if (!out.empty()) out += '&';
        out.append(name).append("=").append(value);
    }
    return out;
}

// Trimmed, and runs of blanks made one.
std::string canonical_value(std::string_view value) {
    std::string out;
    for (char c : value) {
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (!blank) out += c;
        if (blank && !out.empty() && out.back() != ' ') out += ' ';
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

struct CanonicalHeaders {
    std::string lines;  // each ends in a line feed
    std::string signed_names;
};

CanonicalHeaders canonical_headers(const http::Headers& headers) {
    std::vector<http::Headers::Field> chosen;
    for (const auto& header : headers) {
        if (std::ranges::find(unsigned_headers, header.first) == unsigned_headers.end())
            chosen.push_back(header);
    }
    // Equal names keep their order; addresses follow the order of arrival.
    std::ranges::sort(chosen, {}, [](const http::Headers::Field& field) {
        return std::pair(field.first, field.second.data());
    });
    CanonicalHeaders out;
    for (std::size_t i = 0; i < chosen.size();) {
        const std::string_view name = chosen[i].first;
        if (!out.signed_names.empty()) out.signed_names += ';';
        out.signed_names += name;
        out.lines.append(name).append(":").append(canonical_value(chosen[i].second));
        for (++i; i < chosen.size() && chosen[i].first == name; ++i) {
            out.lines += "," + canonical_value(chosen[i].second);
        }
        out.lines += '\n';
    }
    return out;
}

Bytes signing_key(std::string_view secret, std::string_view date, std::string_view region,
                  std::string_view service) {
    Bytes key = hmac_sha256(fmt::format("AWS4{}", secret), date);
    key = hmac_sha256(key, region);
    key = hmac_sha256(key, service);
    return hmac_sha256(key, "aws4_request");
}

// "AKID/20150830/us-east-1/service/aws4_request"; the key itself may hold slashes.
std::optional<CredentialScope> read_scope(std::string_view credential) {
    constexpr std::string_view terminator = "/aws4_request";
    if (!credential.ends_with(terminator)) return std::nullopt;
    credential.remove_suffix(terminator.size());
    std::array<std::string_view, 3> parts;  // service, region, date
    for (std::string_view& part : parts) {
        const std::size_t slash = credential.rfind('/');
        if (slash == std::string_view::npos) return std::nullopt;
        part = credential.substr(slash + 1);
        credential.remove_suffix(part.size() + 1);
    }
    if (credential.empty() || parts[0].empty()) return std::nullopt;
    return CredentialScope{std::string(credential), std::string(parts[2]), std::string(parts[1]),
                           std::string(parts[0])};
}

}  // namespace

void sign(http::Request& request, const Credentials& credentials, std::string_view region,
          std::string_view service, WallTime now) {
    const bool s3 = service == "s3";
    const std::string time = iso8601_basic(now);
    const std::string date = time.substr(0, 8);
    request.headers.set("x-amz-date", time);
    if (!credentials.session_token.empty())
        request.headers.set("x-amz-security-token", credentials.session_token);
    std::string payload = hex(sha256(request.body));
    if (s3) {
        const std::string stated =
            request.headers.get("x-amz-content-sha256");  // UNSIGNED-PAYLOAD, for one
        if (!stated.empty()) payload = stated;
        request.headers.set("x-amz-content-sha256", payload);
    }
    const auto [lines, signed_names] = canonical_headers(request.headers);
    const std::string canonical =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_uri(request.path(), s3),
                    canonical_query(request.query()), lines, signed_names, payload);
    const std::string scope = fmt::format("{}/{}/{}/aws4_request", date, region, service);
    const std::string to_sign =
        fmt::format("{}\n{}\n{}\n{}", algorithm, time, scope, hex(sha256(canonical)));
    const Bytes signature =
        hmac_sha256(signing_key(credentials.secret_key, date, region, service), to_sign);
    request.headers.set(
        "authorization",
        fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                    credentials.access_key, scope, signed_names, hex(signature)));
}

std::optional<CredentialScope> credential_scope(const http::Request& request) {
    if (const auto header = request.headers.find("authorization")) {
        static constexpr std::string_view name = "Credential=";
        const std::size_t at = header->find(name);
        if (!header->starts_with("AWS4-") || at == std::string::npos) return std::nullopt;
        const std::string_view rest = header->substr(at + name.size());
        return read_scope(rest.substr(0, rest.find_first_of(", ")));
    }
    for (const auto& [name, value] : http::parse_query(request.query())) {
        if (name == "X-Amz-Credential") return read_scope(value);
    }
    return std::nullopt;
}

}  // namespace mill::wire
