-- Where the scope of each request ends.
select request, until_at from asked
