-- That a person is mentioned outlasts the record: who wrote it may have it erased without anybody else learning so. What
-- is there already has no id, because the keys of people are not known here.
create table mentions (
    mention uuid,
    subject uuid not null,
    starts_at timestamp not null,
    signal varchar not null,
    application varchar not null,
    role varchar not null,
    retained_until date not null
);
alter table mentions set partitioned by (bucket(16, subject));
alter table mentions set sorted by (subject, starts_at);
insert into mentions
select
    null, i.subject, time_bucket(interval 15 minutes, i.captured_at), i.signal, i.application, i.role,
    c.retained_until
from indirect_captures i
join captures c on c.capture_id = i.capture_id
where i.role <> 'objected'
