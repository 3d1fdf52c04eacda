-- Put a standing rule into force, once.
insert into standing_rules by name
select
    $rule as rule, $subject as subject, $request as request, $kind as kind, $signals as signals,
    $applications as applications, $from_at as from_at, $until_at as until_at, $now as created_at, null as ended_at
where not exists (select 1 from standing_rules where request = $request)
