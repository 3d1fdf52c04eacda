-- The end of each request's scope.
select request, until_at from asked
