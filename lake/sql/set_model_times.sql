-- Set since when and until when a model version exists.
update model_versions
set released_at = $released_at, retired_at = $retired_at
where model_version = $model_version
  and origin <> 'open-book'
  and (released_at is distinct from $released_at::timestamp or retired_at is distinct from $retired_at::timestamp)
