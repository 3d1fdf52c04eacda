-- Record that a model version was made from another.
insert into model_parents (model_version, parent, relation)
select $model_version, $parent, $relation
where not exists (
    select 1 from model_parents p
    where p.model_version = $model_version and p.parent = $parent and p.relation = $relation
)
