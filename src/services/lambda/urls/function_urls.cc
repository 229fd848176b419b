// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/urls/function_urls.h"

#include <fmt/format.h>

#include "services/lambda/urls/url_cors.h"

namespace mill::lambda {
namespace {

constexpr std::string_view row_prefix = "lambda/url/";

Failure not_there() {
    return fail("ResourceNotFoundException", "The resource you requested does not exist.", 404);
}

Result<void> apply(UrlSettings settings, FunctionUrl& url) {
    if (settings.auth_type) url.auth_type = *std::move(settings.auth_type);
    if (settings.cors) {
        MILL_CHECK(check_cors(*settings.cors));
        url.cors = std::move(settings.cors);
    }
    return {};
}

// "4566" of "localhost:4566", "http://127.0.0.1:4566" and "[::1]:4566"; empty if there is none.
std::string_view port_of(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view port = host.substr(colon + 1);
    return port.find_first_not_of("0123456789") == std::string_view::npos ? port
                                                                          : std::string_view();
}

}  // namespace

Result<std::unique_ptr<FunctionUrls>> FunctionUrls::open(Machine& machine, storage::Table& table,
                                                         Functions& functions) {
    std::unique_ptr<FunctionUrls> urls(new FunctionUrls(machine, table, functions));
    MILL_CHECK(urls->load());
    return urls;
}

Result<void> FunctionUrls::load() {
    MILL_TRY(const auto rows, table_.scan(row_prefix));
    for (const auto& row : rows) {
        MILL_TRY(FunctionUrl url, wire::from_json<FunctionUrl>(row.value));
        // A crash came before write() took it back; the next of that name erases the row.
        if (!functions_.find(url.reference())) continue;
        keep(std::make_shared<const FunctionUrl>(std::move(url)));
    }
    return {};
}

void FunctionUrls::keep(FunctionUrlPtr url) {
    by_id_[url->id] = url;
    by_function_[{url->reference().id, url->qualifier}] = std::move(url);
}

void FunctionUrls::forget_gone(const FunctionId& id) {
    for (auto at = by_function_.lower_bound({id, ""});
         at != by_function_.end() && at->first.first == id;) {
        if (functions_.find(at->second->reference())) {
            ++at;
            continue;
        }
        by_id_.erase(at->second->id);
        at = by_function_.erase(at);
    }
}

FunctionUrlPtr FunctionUrls::find(const std::string& url_id) const {
    const auto found = by_id_.find(url_id);
    return found == by_id_.end() ? nullptr : found->second;
}

Result<FunctionUrlPtr> FunctionUrls::of(const FunctionReference& function) const {
    const auto found = by_function_.find({function.id, function.qualifier});
    if (found == by_function_.end()) return not_there();
    return found->second;
}

std::vector<FunctionUrlPtr> FunctionUrls::list(const FunctionId& id) const {
    std::vector<FunctionUrlPtr> out;
    for (auto at = by_function_.lower_bound({id, ""});
         at != by_function_.end() && at->first.first == id; ++at)
        out.push_back(at->second);
    return out;
}

// As AWS's: letters and digits, unguessable.
std::string FunctionUrls::new_id() {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";  // 5 bits each
    std::string id(32, '\0');
    machine_.entropy.fill(id.data(), id.size());
    for (char& c : id) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return id;
}

Task<Result<FunctionUrlPtr>> FunctionUrls::write(FunctionUrl url, std::optional<Bytes> before) {
    const FunctionReference function = url.reference();
    const std::string key = url_row(function);
    storage::Table::Commit commit;
    commit.preconditions = {{key, std::move(before)}};
    commit.puts = {{key, wire::to_json(url)}};
    const auto committed = co_await table_.commit(std::move(commit));
    if (!committed && committed.error().code == "storage.conflict") {
        co_return fail("ResourceConflictException",
                       "The operation cannot be performed at this time. An update is in progress "
                       "for resource: " +
                           function.arn(),
                       409);
    }
    MILL_CO_CHECK(committed);
    // Its function may have gone meanwhile, without this row.
    if (auto there = functions_.find(function); !there) {
        storage::Table::Commit undo;
        undo.erases = {key};
        MILL_CO_CHECK(co_await table_.commit(std::move(undo)));
        co_return std::unexpected(std::move(there).error());
    }
    auto shared = std::make_shared<const FunctionUrl>(std::move(url));
    keep(shared);
    co_return shared;
}

Task<Result<FunctionUrlPtr>> FunctionUrls::create(FunctionReference function,
                                                  UrlSettings settings) {
    if (!functions_.find(function))
        co_return fail("ResourceNotFoundException", "Function does not exist", 404);
    if (of(function)) {
        co_return fail("ResourceConflictException",
                       fmt::format("Failed to create function url config for [functionArn = {}]. "
                                   "Error message:  FunctionUrlConfig exists for this Lambda "
                                   "function",
                                   function.arn()),
                       409);
    }
    FunctionUrl url{.id = new_id(),
                    .account = function.id.account,
                    .region = function.id.region,
                    .function = function.id.name,
                    .qualifier = function.qualifier,
                    .created = iso8601_ms(machine_.clock.wall())};
    url.modified = url.created;
    MILL_CO_CHECK(apply(std::move(settings), url));
    co_return co_await write(std::move(url), std::nullopt);
}

Task<Result<FunctionUrlPtr>> FunctionUrls::update(FunctionReference function,
                                                  UrlSettings settings) {
    MILL_CO_TRY(const FunctionUrlPtr old, of(function));
    FunctionUrl url = *old;
    MILL_CO_CHECK(apply(std::move(settings), url));
    url.modified = iso8601_ms(machine_.clock.wall());
    co_return co_await write(std::move(url), wire::to_json(*old));
}

Task<Result<void>> FunctionUrls::remove(FunctionReference function) {
    MILL_CO_TRY(const FunctionUrlPtr old, of(function));
    storage::Table::Commit commit;
    commit.erases = {url_row(function)};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    by_id_.erase(old->id);
    by_function_.erase({function.id, function.qualifier});
    co_return Result<void>();
}

UrlConfig FunctionUrls::describe(const FunctionUrl& url, const Caller& caller) const {
    std::string_view port = port_of(caller.host);
    if (port.empty()) port = port_of(endpoint_url_);
    return {.url = url_text(url, port),
            .function_arn = url.reference().arn(),
            .auth_type = url.auth_type,
            .cors = url.cors,
            .created = url.created,
            .modified = url.modified};
}

}  // namespace mill::lambda
