-- What people were told about policies. Those of before get a notice without an announcement, in force since they were.
create table policy_notices (
    notice uuid not null,
    policy varchar not null,
    version integer not null,
    name varchar not null,
    purpose varchar not null,
    legal_basis varchar not null,
    signals varchar[] not null,
    applications varchar[] not null,
    safeguards varchar[] not null,
    retention_days integer not null,
    announced_at timestamp,
    announced_by varchar not null,
    told_from timestamp not null,
    text varchar not null
);
insert into policy_notices
select
    uuid(), policy, 1, name, purpose, legal_basis, signals, applications, safeguards, retention_days,
    null, '', valid_from::timestamp, ''
from policies;
