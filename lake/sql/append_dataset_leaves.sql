-- Record the leaves of a manifest's tree.
insert into dataset_leaves (dataset_version, position, person, root)
select $dataset_version, position, person, root from leaves order by position
