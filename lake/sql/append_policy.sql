-- Record a policy.
insert into policies (
    policy, name, purpose, legal_basis, signals, applications, safeguards, retention_days, valid_from, valid_to, permits
)
values (
    $policy, $name, $purpose, $legal_basis, $signals, $applications, $safeguards, $retention_days, $valid_from,
    $valid_to, $permits
)
