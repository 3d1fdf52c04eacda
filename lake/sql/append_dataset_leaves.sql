-- Record the leaves of a manifest's tree.
insert into dataset_leaves select $dataset_version, position, person, root from leaves order by position
