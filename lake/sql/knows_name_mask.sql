-- Whether this request has put a masking into force.
select count(*) > 0 from name_masks where request = $request
