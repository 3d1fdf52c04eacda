-- Record where a model version is in use; for a known deployment, add missing details.
merge into deployments as d
using (select $model_version::uuid as model_version, $place as place, $since::timestamp as since) as new
    on d.model_version = new.model_version and d.place = new.place and d.since = new.since
when matched and (
    coalesce($recipient, d.recipient) is distinct from d.recipient
    or coalesce($until, d.until) is distinct from d.until
) then update set recipient = coalesce($recipient, d.recipient), until = coalesce($until, d.until)
when not matched then insert values ($model_version, $place, $recipient, $since, $until)
