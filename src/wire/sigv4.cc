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

bool is_signed(std::string_view name) {
    return std::ranges::find(unsigned_headers, name) == unsigned_headers.end();
}

// Those headers whose names are chosen.
template <class Choice>
CanonicalHeaders canonical_headers(const http::Headers& headers, Choice is_chosen) {
    std::vector<http::Headers::Field> chosen;
    for (const auto& header : headers) {
        if (is_chosen(header.first)) chosen.push_back(header);
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

// In hexadecimal digits. `scope`: "20150830/us-east-1/service/aws4_request".
std::string signature(const http::Request& request, const CanonicalHeaders& headers,
                      std::string_view payload, std::string_view time, std::string_view scope,
                      const Bytes& key) {
    const bool s3 = scope.ends_with("/s3/aws4_request");
    const std::string canonical =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_uri(request.path(), s3),
                    canonical_query(request.query()), headers.lines, headers.signed_names, payload);
    return hex(hmac_sha256(
        key, fmt::format("{}\n{}\n{}\n{}", algorithm, time, scope, hex(sha256(canonical)))));
}

// "Signature" of "Credential=..., SignedHeaders=..., Signature=..."; empty if it is not there.
std::string_view part_of(std::string_view authorization, std::string_view name) {
    for (std::string_view part : split(authorization, ',')) {
        part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
        if (part.starts_with(algorithm)) part.remove_prefix(algorithm.size());
        part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
        if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
            return part.substr(name.size() + 1);
    }
    return {};
}

// Takes as long whatever they have in common.
bool are_equal(std::string_view a, std::string_view b) {
    unsigned differences = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        differences |= static_cast<unsigned char>(a[i] ^ b[i]);
    return differences == 0;
}

Failure refused(const char* code, std::string message) {
    constexpr int forbidden = 403;
    return fail(code, std::move(message), forbidden);
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
    const CanonicalHeaders headers = canonical_headers(request.headers, is_signed);
    const std::string scope = fmt::format("{}/{}/{}/aws4_request", date, region, service);
    const Bytes key = signing_key(credentials.secret_key, date, region, service);
    request.headers.set("authorization",
                        fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}",
                                    algorithm, credentials.access_key, scope, headers.signed_names,
                                    signature(request, headers, payload, time, scope, key)));
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
        // As boto3 signs URLs of S3 unless told otherwise: version 2, which names no scope.
        if (name == "AWSAccessKeyId" && !value.empty()) return CredentialScope{value, "", "", "s3"};
    }
    return std::nullopt;
}

Result<void> verify(const http::Request& request, const Credentials& credentials,
                    std::string_view service, WallTime now) {
    constexpr auto skew_max = std::chrono::minutes(5);
    const auto authorization = request.headers.find("authorization");
    const auto claimed = authorization ? credential_scope(request) : std::nullopt;
    if (!claimed || !authorization->starts_with(algorithm))
        return refused("MissingAuthenticationTokenException", "Missing Authentication Token");
    if (claimed->access_key != credentials.access_key)
        return refused("UnrecognizedClientException",
                       "The security token included in the request is invalid.");
    const std::string time = request.headers.get("x-amz-date");
    const auto signed_at = parse_iso8601(time);
    if (!signed_at || time.substr(0, 8) != claimed->date || claimed->service != service)
        return refused("IncompleteSignatureException",
                       "The credential scope and X-Amz-Date do not fit this request.");
    if (*signed_at < now - skew_max || *signed_at > now + skew_max)
        return refused("InvalidSignatureException",
                       fmt::format("Signature expired: {} is more than 5 min. from {}", time,
                                   iso8601_basic(now)));
    const auto names = split(part_of(*authorization, "SignedHeaders"), ';');
    const CanonicalHeaders headers = canonical_headers(request.headers, [&](std::string_view name) {
        return std::ranges::find(names, name) != names.end();
    });
    if (std::ranges::find(names, "host") == names.end() ||
        std::ranges::find(names, "x-amz-date") == names.end())
        return refused("InvalidSignatureException", "Host and X-Amz-Date must be signed.");
    const std::string scope =
        fmt::format("{}/{}/{}/aws4_request", claimed->date, claimed->region, claimed->service);
    const Bytes key =
        signing_key(credentials.secret_key, claimed->date, claimed->region, claimed->service);
    if (are_equal(signature(request, headers, hex(sha256(request.body)), time, scope, key),
                  part_of(*authorization, "Signature")))
        return {};
    return refused("InvalidSignatureException",
                   "The request signature we calculated does not match the signature you provided. "
                   "Check your AWS Secret Access Key and signing method.");
}

}  // namespace mill::wire
