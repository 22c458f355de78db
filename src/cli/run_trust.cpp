// The commands by which policies and trust roots change, as CLI11 sees them.
#include "cli/chosen.hpp"

namespace parmana::cli {
namespace {

void add_data(CLI::App* command, std::string& data) {
    command->add_option("--data", data, "the data directory")->required();
}

std::shared_ptr<PolicyChangeArguments> add_change(CLI::App* command, Command& run,
                                                  Result<int> (*function)(const PolicyChangeArguments&),
                                                  const char* name, bool has_order) {
    auto arguments = std::make_shared<PolicyChangeArguments>();
    command->add_option(name, arguments->policy, "ID@VERSION")->required();
    add_data(command, arguments->data);
    if (has_order) {
        auto* write = command->add_option("--write-order", arguments->write_order,
                                          "change nothing; write what approvers have to sign to this file");
        command
            ->add_option("--order", arguments->order,
                         "what approvers signed, where the trust root asks for it")
            ->excludes(write);
    }
    on_chosen(command, run, arguments, function);
    return arguments;
}

void add_edit_options(CLI::App* command, TrustEditArguments& arguments) {
    command->add_option("--threshold", arguments.thresholds, "ROLE=N: so many keys of the role must sign");
    command->add_option("--expires", arguments.expires, "a time (RFC 3339 with `Z`)");
    command->add_option("--activation-approvals", arguments.activation_approvals,
                        "so many approvers must sign the order that lets a policy govern");
    command->add_option("--out", arguments.out, "write the draft to this file instead of stdout");
}

std::shared_ptr<TrustEditArguments> add_edit(CLI::App* command, Command& run,
                                             Result<int> (*function)(const TrustEditArguments&)) {
    auto arguments = std::make_shared<TrustEditArguments>();
    command->add_option("ROOT", arguments->root, "a signed root, whose next version is begun; or a draft")
        ->required();
    command->add_option("--in-force-from", arguments->in_force_from,
                        "the entry that put ROOT in force, when it is not the first");
    add_edit_options(command, *arguments);
    on_chosen(command, run, arguments, function);
    return arguments;
}

void add_role(CLI::App* command, TrustEditArguments& arguments) {
    command->add_option("--role", arguments.role)->required();
}

void add_key(CLI::App* command, TrustEditArguments& arguments) {
    command->add_option("--key", arguments.key, "a public key (PEM), as `keys generate` writes it")
        ->required();
}

void add_key_id(CLI::App* command, TrustEditArguments& arguments) {
    command->add_option("--key-id", arguments.key_id, "id of the key that goes; its first 8 digits do")
        ->required();
    command->add_option("--compromised-from", arguments.compromised_from,
                        "index of the first entry at which the key is not believed any more");
}

void add_edits(CLI::App& trust, Command& run) {
    auto* init = trust.add_subcommand("init", "draft the first trust root from public keys");
    auto first = std::make_shared<TrustEditArguments>();
    init->add_option("--key", first->keys, "ROLE=FILE: a public key (PEM) and its role; again for each key")
        ->required();
    init->add_option("--tenant", first->tenant)->capture_default_str();
    init->add_option("--origin", first->origin,
                     "the name of the ledger; made from the log key when nothing is said");
    add_edit_options(init, *first);
    init->get_option("--expires")->required();
    on_chosen(init, run, first, trust_init);

    auto* added = trust.add_subcommand("add-key", "draft the next version with one more key");
    const auto adding = add_edit(added, run, trust_add_key);
    add_role(added, *adding);
    add_key(added, *adding);
    auto* revoked = trust.add_subcommand("revoke", "draft the next version without a key");
    const auto revoking = add_edit(revoked, run, trust_revoke);
    add_role(revoked, *revoking);
    add_key_id(revoked, *revoking);
    auto* rotated =
        trust.add_subcommand("rotate", "draft the next version with a key in the place of another");
    const auto rotating = add_edit(rotated, run, trust_rotate);
    add_role(rotated, *rotating);
    add_key_id(rotated, *rotating);
    add_key(rotated, *rotating);
    add_edit(trust.add_subcommand(
                 "renew", "draft the next version with the same keys: another expiry, other thresholds"),
             run, trust_renew);
}

void add_judging(CLI::App& trust, Command& run) {
    auto* sign = trust.add_subcommand("sign", "add one root key's signature to a draft");
    auto signing = std::make_shared<TrustSignArguments>();
    sign->add_option("ROOT", signing->root)->required();
    sign->add_option("--key", signing->key, "a key file of role `root`")->required();
    sign->add_option("--before", signing->before, "the version before: its root keys sign as well");
    sign->add_option("--out", signing->out, "write to this file instead of ROOT");
    on_chosen(sign, run, signing, trust_sign);

    auto* verify =
        trust.add_subcommand("verify", "walk from the root that you hold; exit 1 where the chain breaks");
    auto verifying = std::make_shared<TrustVerifyArguments>();
    verify->add_option("ROOT", verifying->files, "the versions behind it, in order")->required();
    verify->add_option("--trust", verifying->held, "the root that you hold")->required();
    verify->add_option("--at", verifying->at, "judge expiry at this time, not now");
    on_chosen(verify, run, verifying, trust_verify);

    auto* show = trust.add_subcommand("show", "a root in words, or all roots of a data directory");
    auto showing = std::make_shared<TrustShowArguments>();
    auto* file = show->add_option("ROOT", showing->file);
    show->add_option("--data", showing->data, "the data directory")->excludes(file);
    on_chosen(show, run, showing, trust_show);
}

}  // namespace

void add_change_commands(CLI::App& policy, Command& run) {
    auto* activate = policy.add_subcommand(
        "activate",
        "let a signed version govern, installed or in a bundle file; it supersedes the others; also while a "
        "server is at work");
    const auto activation = add_change(activate, run, policy_activate, "POLICY", true);
    activate->add_option("--keep", activation->keep,
                         "a version that goes on governing beside it; again for each");
    activate->add_option("--expires", activation->expires,
                         "a time (RFC 3339 with `Z`) at which the log ends it");
    add_change(policy.add_subcommand("deactivate", "the stop button: the version ceases to govern at once"),
               run, policy_deactivate, "POLICY", false);
    add_change(
        policy.add_subcommand("rollback", "back to a version that governed before, and say so in the ledger"),
        run, policy_rollback, "POLICY", true);

    auto* approve = policy.add_subcommand("approve", "sign the order for an activation or a rollback");
    auto approving = std::make_shared<PolicyApproveArguments>();
    approve->add_option("ORDER", approving->order)->required();
    approve->add_option("--key", approving->key, "a key file of role `approver`")->required();
    approve->add_option("--out", approving->out, "write to this file instead of ORDER");
    on_chosen(approve, run, approving, policy_approve);
}

void add_trust_commands(CLI::App& trust, Command& run) {
    add_edits(trust, run);
    add_judging(trust, run);
    auto* activate = trust.add_subcommand(
        "activate", "let the next, signed root come into force, with an entry that says so");
    auto activating = std::make_shared<TrustActivateArguments>();
    activate->add_option("ROOT", activating->root)->required();
    add_data(activate, activating->data);
    on_chosen(activate, run, activating, trust_activate);
}

void add_rotation(CLI::App& keys, Command& run) {
    auto* rotate = keys.add_subcommand("rotate",
                                       "put a fresh key in the place of the one in use, with the root key at "
                                       "hand; also while a server works");
    auto rotating = std::make_shared<KeysRotateArguments>();
    add_data(rotate, rotating->data);
    rotate->add_option("--role", rotating->role)
        ->required()
        ->check(CLI::IsMember({"attestation", "log", "policy", "release", "root"}));
    rotate->add_option("--compromised-from", rotating->compromised_from,
                       "index of the first entry at which the old key is not believed any more");
    on_chosen(rotate, run, rotating, keys_rotate);
}

}  // namespace parmana::cli
