-- The leaves of a manifest's tree, in order.
select person, root from dataset_leaves where dataset_version = $dataset_version order by position
