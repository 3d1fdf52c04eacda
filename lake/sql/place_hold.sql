-- Place a legal hold, once.
insert into holds by name
select
    $hold as hold, $subject as subject, $case as case_reference, $exception as exception, $signals as signals,
    $applications as applications, $from_at as from_at, $until_at as until_at, $placed_at as placed_at,
    $review_on as review_on, null as lifted_at
where not exists (select 1 from holds where hold = $hold)
