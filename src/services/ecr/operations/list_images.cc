// SPDX-License-Identifier: Apache-2.0
// ListImages: a repository has none.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html
#include "services/ecr/images.h"

namespace mill::ecr {
namespace {

struct ListImagesInput {
    Text registry, name, next_token;
    std::optional<std::int64_t> results_max;
    std::optional<ImageFilter> filter;

    static constexpr auto shape() {
        using I = ListImagesInput;
        using wire::member;
        return wire::structure("ListImagesRequest", registry_member<&I::registry>(),
                               name_member<&I::name>(), member<&I::next_token>("nextToken"),
                               member<&I::results_max>("maxResults").range(1, images_page_max),
                               member<&I::filter>("filter"));
    }
};

struct ListImagesOutput {
    std::vector<ImageId> images;

    static constexpr auto shape() {
        return wire::structure("ListImagesResponse",
                               wire::member<&ListImagesOutput::images>("imageIds"));
    }
};

Task<Result<ListImagesOutput>> list_images(Ecr& ecr, Caller caller, ListImagesInput input) {
    MILL_CO_CHECK(ecr.need(caller, input.registry, *input.name));
    co_return ListImagesOutput{};
}

}  // namespace

extern const wire::Operation list_images_operation;
const wire::Operation list_images_operation = wire::operation<&list_images>("ListImages");

}  // namespace mill::ecr
