-- Whether there are records, and refused ones: a lake that begins has none, and most never refuse any.
select exists (from captures), exists (from refused)
