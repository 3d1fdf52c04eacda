-- Add a request to those worked on together.
insert into asked values (
    $number, $request, $subject, $signals, $applications, $from_at, $until_at, $everything, $despite_holds
)
