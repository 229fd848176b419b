// SPDX-License-Identifier: Apache-2.0
// DescribeImages: of those asked for none is there, as no repository has any.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
#include "services/ecr/images.h"

namespace mill::ecr {
namespace {

struct DescribeImagesInput {
    Text registry, name, next_token;
    std::optional<std::vector<ImageId>> images;
    std::optional<std::int64_t> results_max;
    std::optional<ImageFilter> filter;

    static constexpr auto shape() {
        using I = DescribeImagesInput;
        using wire::member;
        return wire::structure(
            "DescribeImagesRequest", registry_member<&I::registry>(), name_member<&I::name>(),
            member<&I::images>("imageIds").length(1, 100), member<&I::next_token>("nextToken"),
            member<&I::results_max>("maxResults").range(1, images_page_max),
            member<&I::filter>("filter"));
    }
};

struct NoDetail {
    static constexpr auto shape() { return wire::structure("ImageDetail"); }
};
struct DescribeImagesOutput {
    std::vector<NoDetail> details;

    static constexpr auto shape() {
        return wire::structure("DescribeImagesResponse",
                               wire::member<&DescribeImagesOutput::details>("imageDetails"));
    }
};

Task<Result<DescribeImagesOutput>> describe_images(Ecr& ecr, Caller caller,
                                                   DescribeImagesInput input) {
    MILL_CO_TRY(const Repository repository, ecr.need(caller, input.registry, *input.name));
    if (input.images) co_return no_image(repository, input.images->front());
    co_return DescribeImagesOutput{};
}

}  // namespace

extern const wire::Operation describe_images_operation;
const wire::Operation describe_images_operation =
    wire::operation<&describe_images>("DescribeImages");

}  // namespace mill::ecr
