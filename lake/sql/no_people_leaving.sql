-- Nobody of whom everything is removed for one request.
create or replace temp table people_leaving (subject uuid, request uuid)
