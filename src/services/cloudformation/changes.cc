// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/changes.h"

#include <algorithm>
#include <set>
namespace mill::cloudformation {
namespace {

using wire::Value;

// The template's names as they will be: resources that stay have their ids, others are not known.
class FutureReferences final : public References {
  public:
    FutureReferences(const StackRow& row, const ports::ParameterStore* store,
                     const std::set<std::string>& unknown)
        : references_(row, store), unknown_(unknown) {}
    Result<Value> ref(const std::string& name) const override {
        if (unknown_.contains(name)) return std::string(known_after_apply);
        return references_.ref(name);
    }
    Result<Value> get_att(const std::string& name, const std::string& attribute) const override {
        if (unknown_.contains(name)) return std::string(known_after_apply);
        return references_.get_att(name, attribute);
    }
    Result<Value> import_value(const std::string& name) const override {
        return references_.import_value(name);
    }
    Result<std::string> parameter(const std::string& name) const override {
        return references_.parameter(name);
    }

  private:
    StackReferences references_;
    const std::set<std::string>& unknown_;
};

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// The names of the properties that differ.
std::set<std::string> changed_names(const Value& old_properties, const Value& new_properties) {
    std::set<std::string> names;
    const auto note = [&](const Value& from, const Value& other) {
        if (!from.members()) return;
        for (const auto& [name, value] : *from.members()) {
            const Value* same = other.find(name);
            if (!same || *same != value) names.insert(name);
        }
    };
    note(old_properties, new_properties);
    note(new_properties, old_properties);
    return names;
}

const Parameter* find_parameter(const Definition& definition, const std::string& key) {
    const auto found = std::ranges::find(definition.parameters, key, &Parameter::key);
    return found == definition.parameters.end() ? nullptr : &*found;
}

Result<Value> properties_to_be(const Plan& plan, const StackRow& after,
                               const std::set<std::string>& unknown, const std::string& id) {
    const FutureReferences references(after, plan.store, unknown);
    const Context context{references, section_of(plan.document, "Mappings"), plan.conditions};
    return resolved_properties(plan, context, after.now.tags, id);
}

std::string shown_value(const Value& value) {
    return scalar_text(value).value_or(value.is_null() ? "" : write_json(value));
}

// {"Properties": ..., "DeletionPolicy": ...}
std::string context_of(Value properties, const ResourceRow& resource) {
    Value context = Value::Map{{"Properties", std::move(properties)}};
    if (resource.deletion_policy != "Delete") context["DeletionPolicy"] = resource.deletion_policy;
    if (resource.update_replace_policy != "Delete")
        context["UpdateReplacePolicy"] = resource.update_replace_policy;
    return write_json(context);
}

class Comparison {
  public:
    Comparison(const StackRow& before, const StackRow& after, const Plan& plan,
               const CreateOnly& create_only)
        : before_(before), after_(after), plan_(plan), create_only_(create_only) {}

    Result<std::vector<ResourceChange>> run() {
        // Whatever is planned and was not there before is unknown from the start: a condition may
        // let references run ahead of the order.
        for (const ResourceRow& planned : after_.now.resources) {
            if (!made_before(planned.logical_id)) unknown_.insert(planned.logical_id);
        }
        for (const ResourceRow& planned : after_.now.resources) {
            const ResourceRow* old = made_before(planned.logical_id);
            if (old) {
                MILL_CHECK(compare(*old));
            } else {
                add(planned);
            }
        }
        for (const ResourceRow& old : before_.now.resources) {
            if (find_resource(after_.now.resources, old.logical_id)) continue;
            changes_.push_back(
                {.policy_action = old.deletion_policy.starts_with("Retain") ? "Retain" : "Delete",
                 .action = "Remove",
                 .logical_id = old.logical_id,
                 .physical_id = old.physical_id,
                 .type = old.type,
                 .before_context = context_of(masked(old.properties), old)});
        }
        return std::move(changes_);
    }

  private:
    Value masked(Value value) const {
        hide_no_echo(value, before_.now.parameters);
        hide_no_echo(value, after_.now.parameters);
        return value;
    }

    // What its properties come to shows when it is made, too: an error is no reason to refuse now.
    void add(const ResourceRow& planned) {
        ResourceChange change{
            .action = "Add", .logical_id = planned.logical_id, .type = planned.type};
        if (auto properties = properties_to_be(plan_, after_, unknown_, planned.logical_id))
            change.after_context = context_of(masked(*std::move(properties)), planned);
        changes_.push_back(std::move(change));
    }

    const ResourceRow* made_before(const std::string& id) const {
        const ResourceRow* old = find_resource(before_.now.resources, id);
        return old && !old->physical_id.empty() ? old : nullptr;
    }

    Result<void> compare(const ResourceRow& old) {
        const Value* resource = section_of(plan_.document, "Resources").find(old.logical_id);
        const Value* given = resource ? resource->find("Properties") : nullptr;
        MILL_TRY(const Value properties, properties_to_be(plan_, after_, unknown_, old.logical_id));
        const std::set<std::string> names = changed_names(old.properties, properties);
        if (names.empty()) return {};
        ResourceChange change{.action = "Modify",
                              .logical_id = old.logical_id,
                              .physical_id = old.physical_id,
                              .type = old.type,
                              .replacement = "False",
                              .scope = {"Properties"}};
        const Value from = masked(old.properties), to = masked(properties);
        change.before_context = context_of(from, old);
        change.after_context = context_of(to, *find_resource(after_.now.resources, old.logical_id));
        for (const std::string& name : names) {
            MILL_TRY(ChangeDetail detail, detail_of(old.type, name, given));
            show_values(detail.target, from.find(name), to.find(name));
            if (detail.target.requires_recreation == "Always") {
                const bool is_certain = detail.evaluation == "Static";
                if (is_certain || change.replacement == "False")
                    change.replacement = is_certain ? "True" : "Conditional";
            }
            change.details.push_back(std::move(detail));
        }
        if (change.replacement != "False") {
            unknown_.insert(old.logical_id);
            change.policy_action = old.update_replace_policy.starts_with("Retain")
                                       ? "ReplaceAndRetain"
                                       : "ReplaceAndDelete";
        }
        changes_.push_back(std::move(change));
        return {};
    }

    static void show_values(ChangeTarget& target, const Value* from, const Value* to) {
        target.path = "/Properties/" + target.name;
        if (from) target.before_value = shown_value(*from);
        if (to) target.after_value = shown_value(*to);
        target.attribute_change_type = !from ? "Add" : !to ? "Remove" : "Modify";
    }

    Result<ChangeDetail> detail_of(const std::string& type, const std::string& name,
                                   const Value* properties) const {
        ChangeDetail detail{.target = {.name = name,
                                       .requires_recreation =
                                           contains(create_only_(type), name) ? "Always" : "Never"},
                            .evaluation = "Static",
                            .change_source = "DirectModification"};
        const Value* given = properties ? properties->find(name) : nullptr;
        if (!given) return detail;
        std::vector<Reference> uses;
        MILL_CHECK(collect_references(*given, &plan_.conditions, uses));
        for (const Reference& use : uses) {
            if (unknown_.contains(use.name)) {
                detail.evaluation = "Dynamic";
                const bool is_id = use.attribute.empty();
                detail.change_source = is_id ? "ResourceReference" : "ResourceAttribute";
                detail.causing_entity = is_id ? use.name : use.name + "." + use.attribute;
                return detail;
            }
            const Parameter* now = find_parameter(after_.now, use.name);
            const Parameter* old = now ? find_parameter(before_.now, use.name) : nullptr;
            if (now && (!old || old->value != now->value)) {
                detail.change_source = "ParameterReference";
                detail.causing_entity = use.name;
            }
        }
        return detail;
    }

    const StackRow& before_;
    const StackRow& after_;
    const Plan& plan_;
    const CreateOnly& create_only_;
    std::set<std::string> unknown_;  // resources whose ids the change will give
    std::vector<ResourceChange> changes_;
};

}  // namespace

Result<std::vector<ResourceChange>> changes_between(const StackRow& before, const StackRow& after,
                                                    const CreateOnly& create_only,
                                                    const ports::ParameterStore* store) {
    MILL_TRY(const Plan plan, plan_of(after, store));
    return Comparison(before, after, plan, create_only).run();
}

Result<Value> future_properties(const Plan& plan, const StackRow& after,
                                const std::vector<ResourceChange>& changes,
                                const std::string& logical_id) {
    std::set<std::string> unknown;
    for (const ResourceChange& change : changes) {
        const bool is_new =
            change.action == "Add" || change.replacement.value_or("False") != "False";
        if (is_new) unknown.insert(change.logical_id);
    }
    return properties_to_be(plan, after, unknown, logical_id);
}

}  // namespace mill::cloudformation
