-- One row of nobody in every table, to be taken out again (forget_first_rows.sql). DuckLake keeps statistics of
-- a table from its first row on; for a table that never had one it asks its catalog again and again while it
-- plans a query, which costs 20 ms a table.
set variable nobody = '00000000-0000-0000-0000-000000000000'::uuid;

insert into captures by name
select
    getvariable('nobody') as capture_id, getvariable('nobody') as subject, timestamp 'epoch' as captured_at,
    '' as signal, '' as application, '' as source, getvariable('nobody') as batch, '' as policy,
    date 'epoch' as retained_until;
insert into capture_daily
values (getvariable('nobody'), date 'epoch', '', '', '', getvariable('nobody'), date 'epoch', 0, 0, 'epoch', 'epoch');
insert into batches values (getvariable('nobody'), getvariable('nobody'), '', 'epoch', 0, 0, 0, 0, 0, 0, 0, 0);
insert into policies values ('', '', '', '', [], [], [], 0, 'epoch', null);
insert into removals
values (
    getvariable('nobody'), getvariable('nobody'), 'epoch', '', null, '', '', '', 'epoch', 'epoch', 0
);
insert into tombstones
values (getvariable('nobody'), getvariable('nobody'), getvariable('nobody'), 'epoch', null, null, null, 'epoch');
insert into holds
values (getvariable('nobody'), getvariable('nobody'), '', '', null, null, null, null, 'epoch', 'epoch', 'epoch');
insert into dataset_versions values (getvariable('nobody'), '', '', '', 'epoch', false);
insert into dataset_slices values (getvariable('nobody'), getvariable('nobody'), 'epoch', '', '', 0);
insert into model_versions values (getvariable('nobody'), '', '', '', '', 'epoch', null);
insert into training_runs values (getvariable('nobody'), getvariable('nobody'), null, 'epoch');
