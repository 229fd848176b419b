// SPDX-License-Identifier: Apache-2.0
// GetAccountSettings: AWS's quotas, but for the concurrency, which is that of this server.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
#include <limits>

#include "services/lambda/functions/code_upload.h"
#include "services/lambda/functions/functions.h"
#include "services/lambda/functions/zip_archive.h"
#include "services/lambda/lambda.h"
#include "services/lambda/layers/layers.h"

namespace mill::lambda {
namespace {

constexpr std::int64_t total_code_bytes_max = 80'530'636'800;

struct AccountLimit {
    std::int64_t total_code_size = total_code_bytes_max, code_size_unzipped = unzipped_bytes_max,
                 code_size_zipped = zip_bytes_max, concurrent = 0, unreserved = 0;
    static constexpr auto shape() {
        using A = AccountLimit;
        using wire::member;
        return wire::structure("AccountLimit", member<&A::total_code_size>("TotalCodeSize"),
                               member<&A::code_size_unzipped>("CodeSizeUnzipped"),
                               member<&A::code_size_zipped>("CodeSizeZipped"),
                               member<&A::concurrent>("ConcurrentExecutions"),
                               member<&A::unreserved>("UnreservedConcurrentExecutions"));
    }
};

struct AccountUsage {
    std::int64_t total_code_size = 0, function_count = 0;
    static constexpr auto shape() {
        using A = AccountUsage;
        return wire::structure("AccountUsage", wire::member<&A::total_code_size>("TotalCodeSize"),
                               wire::member<&A::function_count>("FunctionCount"));
    }
};

struct GetAccountSettingsOutput {
    AccountLimit limit;
    AccountUsage usage;
    static constexpr auto shape() {
        using O = GetAccountSettingsOutput;
        return wire::structure("GetAccountSettingsResponse",
                               wire::member<&O::limit>("AccountLimit"),
                               wire::member<&O::usage>("AccountUsage"));
    }
};

Task<Result<GetAccountSettingsOutput>> get_account_settings(Lambda& lambda, Caller caller,
                                                            wire::Empty) {
    GetAccountSettingsOutput output;
    output.limit.concurrent = lambda.concurrency();
    output.limit.unreserved = lambda.unreserved_concurrency();
    const Functions& functions = lambda.functions();
    for (const FunctionPtr& function :
         functions.list(caller, "", std::numeric_limits<std::size_t>::max())) {
        ++output.usage.function_count;
        // Each version counts with its code, as on AWS, though they share it here.
        for (const FunctionPtr& version : functions.versions(function->id()))
            output.usage.total_code_size += version->code_bytes;
    }
    output.usage.total_code_size += lambda.layers().bytes(caller);
    co_return output;
}

}  // namespace

extern const wire::Operation get_account_settings_operation;
const wire::Operation get_account_settings_operation = wire::operation<&get_account_settings>(
    "GetAccountSettings", {.method = "GET", .path = "/2016-08-19/account-settings"});

}  // namespace mill::lambda
