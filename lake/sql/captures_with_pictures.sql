-- Every capture that has a picture, and its day.
select capture_id, captured_at::date
from captures
where signal = 'screenshot' and x is not null and y is not null
