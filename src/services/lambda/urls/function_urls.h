// SPDX-License-Identifier: Apache-2.0
// FunctionUrls: the catalogue. Every URL is in memory and, before a change is answered, in the
// Table. One a function, and one an alias; they go with what they are of.
#pragma once

#include <map>

#include "services/lambda/functions/functions.h"
#include "services/lambda/urls/url_shapes.h"

namespace mill::lambda {

class FunctionUrls {
  public:
    static Result<std::unique_ptr<FunctionUrls>> open(Machine& machine, storage::Table& table,
                                                      Functions& functions);
    // Of the server, as long as no client says how it reached it: "http://127.0.0.1:4566".
    void set_endpoint_url(std::string url) { endpoint_url_ = std::move(url); }
    // What of the function and its aliases is gone, and the rows of its URLs with it.
    void forget_gone(const FunctionId& id);

    FunctionUrlPtr find(const std::string& url_id) const;  // null
    // ResourceNotFoundException.
    Result<FunctionUrlPtr> of(const FunctionReference& function) const;
    std::vector<FunctionUrlPtr> list(const FunctionId& id) const;
    // ResourceNotFoundException: no such function or alias. ResourceConflictException.
    Task<Result<FunctionUrlPtr>> create(FunctionReference function, UrlSettings settings);
    // What is absent stays.
    Task<Result<FunctionUrlPtr>> update(FunctionReference function, UrlSettings settings);
    Task<Result<void>> remove(FunctionReference function);

    UrlConfig describe(const FunctionUrl& url, const Caller& caller) const;

  private:
    // Function and qualifier.
    using Key = std::pair<FunctionId, std::string>;
    FunctionUrls(Machine& machine, storage::Table& table, Functions& functions)
        : machine_(machine), table_(table), functions_(functions) {}
    Result<void> load();
    void keep(FunctionUrlPtr url);
    Task<Result<FunctionUrlPtr>> write(FunctionUrl url, std::optional<Bytes> before);
    std::string new_id();

    Machine& machine_;
    storage::Table& table_;
    Functions& functions_;
    std::string endpoint_url_;
    std::map<Key, FunctionUrlPtr> by_function_;
    std::map<std::string, FunctionUrlPtr, std::less<>> by_id_;
};

}  // namespace mill::lambda
