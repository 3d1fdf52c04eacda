-- For each person in a manifest: the leaves of their slices in order: RFC 9162's hash of each slice's canonical JSON.
select
    m.subject::uuid as subject,
    list(unhex(sha256('\x00'::blob || encode(
        '{"application":' || a.spelled || ',"day":"' || m.day::varchar || '","digest":"' || lower(hex(m.digest))
        || '","events":' || m.events::varchar || ',"signal":' || s.spelled || ',"subject":"'
        || m.subject::uuid::varchar || '"}'
    ))) order by m.day, m.signal, m.application) as leaves
from manifest m
join spelled a on a.word = m.application
join spelled s on s.word = m.signal
group by m.subject
