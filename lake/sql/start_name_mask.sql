-- Put the masking of a name into force, once.
insert into name_masks by name
select $rule as rule, $subject as subject, $request as request, $now as created_at, null as ended_at
where not exists (select 1 from name_masks where request = $request)
