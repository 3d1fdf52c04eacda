-- End the masking of a name, once.
update name_masks set ended_at = $now where request = $request and ended_at is null
