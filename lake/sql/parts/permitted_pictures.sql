-- `permitted`: for captures of which policies and times pictures may be given (lake/datasets/training_pictures.py).
permitted as (
    select
        unnest($permitted_policies::varchar[]) as policy,
        unnest($permitted_from::timestamp[]) as from_at,
        unnest($permitted_until::timestamp[]) as until_at
)
