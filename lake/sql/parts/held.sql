-- Whether a legal hold keeps the capture `c`.
exists (
    select 1 from holds h
    where h.subject = c.subject and h.lifted_at is null
      and (h.signals is null or list_contains(h.signals, c.signal))
      and (h.applications is null or list_contains(h.applications, c.application))
      and (h.from_at is null or c.captured_at >= h.from_at)
      and (h.until_at is null or c.captured_at < h.until_at)
)
