-- How many model versions provably used captures of the person, and how many captures, each slice once.
with used as (
    select o.model_version, s.day, s.signal, s.application, s.events
    from dataset_slices s
    join run_inputs i on i.dataset_version = s.dataset_version
    join run_outputs o on o.run = i.run
    where s.subject = $subject
), distinct_slices as (
    select max(events) as events
    from used
    group by day, signal, application
)
select
    (select count(distinct model_version) from used) as models,
    (select coalesce(sum(events), 0)::bigint from distinct_slices) as captures
