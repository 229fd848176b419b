// SPDX-License-Identifier: Apache-2.0
// PutImageScanningConfiguration: whether images are scanned: kept; there are none.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html
#include "services/ecr/declarations.h"

namespace mill::ecr {
namespace {

struct PutImageScanningConfigurationInput {
    Text registry, name;
    std::optional<Scanning> scanning;

    static constexpr auto shape() {
        using I = PutImageScanningConfigurationInput;
        return wire::structure("PutImageScanningConfigurationRequest",
                               registry_member<&I::registry>(), name_member<&I::name>(),
                               wire::member<&I::scanning>("imageScanningConfiguration").required());
    }
};

struct PutImageScanningConfigurationOutput {
    std::string registry, name;
    Scanning scanning;

    static constexpr auto shape() {
        using O = PutImageScanningConfigurationOutput;
        return wire::structure("PutImageScanningConfigurationResponse",
                               wire::member<&O::registry>("registryId"),
                               wire::member<&O::name>("repositoryName"),
                               wire::member<&O::scanning>("imageScanningConfiguration"));
    }
};

Task<Result<PutImageScanningConfigurationOutput>> put_image_scanning_configuration(
    Ecr& ecr, Caller caller, PutImageScanningConfigurationInput input) {
    MILL_CO_TRY(Repository repository, ecr.need(caller, input.registry, *input.name));
    repository.scans_on_push = input.scanning->on_push.value_or(false);
    MILL_CO_CHECK(co_await ecr.store(repository));
    co_return PutImageScanningConfigurationOutput{
        repository.account, repository.name, {repository.scans_on_push}};
}

}  // namespace

extern const wire::Operation put_image_scanning_configuration_operation;
const wire::Operation put_image_scanning_configuration_operation =
    wire::operation<&put_image_scanning_configuration>("PutImageScanningConfiguration");

}  // namespace mill::ecr
