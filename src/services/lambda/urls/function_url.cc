// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/urls/function_url.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::lambda {
namespace {

constexpr std::string_view row_prefix = "lambda/url/";
constexpr std::string_view host_infix = ".lambda-url.";
constexpr std::string_view path_prefix = "/_millrace/url/";
constexpr std::size_t id_characters = 32;

// In lower case; empty if it is none.
std::string id_of(std::string_view text) {
    std::string id(text);
    for (char& c : id) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) return {};
    }
    return id.size() == id_characters ? id : std::string();
}

}  // namespace

std::string url_row(const FunctionReference& function) {
    return fmt::format("{}{}/{}", row_prefix, function.id.text(),
                       function.qualifier.empty() ? "$LATEST" : function.qualifier);
}

Result<std::vector<std::string>> url_rows(storage::Table& table, const FunctionId& id) {
    MILL_TRY(const auto rows, table.scan(fmt::format("{}{}/", row_prefix, id.text())));
    std::vector<std::string> keys;
    for (const auto& row : rows) keys.push_back(row.key);
    return keys;
}

std::string url_text(const FunctionUrl& url, std::string_view port) {
    return fmt::format("http://{}{}{}.localhost{}{}/", url.id, host_infix, url.region,
                       port.empty() ? "" : ":", port);
}

std::optional<UrlPlace> url_place(const wire::http::Request& request) {
    const std::string_view host = request.headers.view("host");
    const std::string_view path = request.path();
    const bool has_id = host.size() > id_characters;  // every request passes here
    if (has_id && host.substr(id_characters).starts_with(host_infix)) {
        const std::string_view rest = host.substr(id_characters + host_infix.size());
        UrlPlace place{id_of(host.substr(0, id_characters)),
                       std::string(rest.substr(0, rest.find('.'))), std::string(path)};
        if (!place.id.empty()) return place;
    }
    if (!path.starts_with(path_prefix)) return std::nullopt;
    const std::string_view rest = path.substr(path_prefix.size());
    const std::size_t slash = rest.find('/');
    return UrlPlace{id_of(rest.substr(0, slash)),
                    {},
                    slash == std::string_view::npos ? "/" : std::string(rest.substr(slash))};
}

}  // namespace mill::lambda
