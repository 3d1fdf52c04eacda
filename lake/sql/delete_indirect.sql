-- Delete whom the captures in `leaving` concern: nothing about them stays when the record goes.
delete from indirect_captures
where capture_id in (select capture_id from leaving)
