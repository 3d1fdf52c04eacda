-- One version of what people are told about a policy.
insert into policy_notices (
    notice, policy, version, name, purpose, legal_basis, signals, applications, safeguards, retention_days,
    announced_at, announced_by, told_from, text, permits
)
values (
    $notice, $policy, $version, $name, $purpose, $legal_basis, $signals, $applications, $safeguards, $retention_days,
    $announced_at, $announced_by, $told_from, $text, $permits
)
