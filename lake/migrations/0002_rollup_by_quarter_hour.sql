-- The rollup by quarters of an hour in place of UTC days, counted anew from the captures: a row of a day can't say in
-- which of its hours the captures were, and every capture that such a row counts is still in the lake.
create table capture_rollup (
    subject uuid not null,
    starts_at timestamp not null,
    signal varchar not null,
    application varchar not null,
    policy varchar not null,
    batch uuid not null,
    retained_until date not null,
    events bigint not null,
    redacted bigint not null,
    first_at timestamp not null,
    last_at timestamp not null
);
alter table capture_rollup set partitioned by (bucket(16, subject));
alter table capture_rollup set sorted by (subject, starts_at);
insert into capture_rollup
select
    subject, time_bucket(interval 15 minutes, captured_at), signal, application, policy, batch, max(retained_until),
    count(*), count(*) filter (redactions is not null), min(captured_at), max(captured_at)
from captures
group by subject, time_bucket(interval 15 minutes, captured_at), signal, application, policy, batch
order by subject, time_bucket(interval 15 minutes, captured_at);
drop table capture_daily;
