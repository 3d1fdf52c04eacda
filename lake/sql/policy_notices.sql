-- What people were told about policies: each version of each notice.
select
    notice, policy, version, name, purpose, legal_basis, signals, applications, safeguards, retention_days,
    announced_at, announced_by, told_from, text, coalesce(permits, [])
from policy_notices
order by policy, version
