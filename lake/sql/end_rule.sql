-- End a standing rule, once.
update standing_rules set ended_at = $now where request = $request and ended_at is null
