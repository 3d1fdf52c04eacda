-- Delete the slices that `condensed` replaces.
delete from dataset_slices
where list_contains($subjects::uuid[], subject)
  and day > date '0001-01-01'
  and exists (
      select 1 from asked a
      where a.everything and a.subject = dataset_slices.subject and dataset_slices.first_at < a.until_at
  )
