-- Add requests to those worked on together: the same place in each list is one request.
insert into asked
select
    unnest($numbers::integer[]), unnest($requests::uuid[]), unnest($subjects::uuid[]), unnest($signals::varchar[][]),
    unnest($applications::varchar[][]), unnest($from_at::timestamp[]), unnest($until_at::timestamp[]),
    unnest($everything::boolean[]), unnest($despite_holds::boolean[])
