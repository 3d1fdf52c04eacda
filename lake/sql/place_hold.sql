-- Place a legal hold.
insert into holds values (
    $hold, $subject, $case, $exception, $signals, $applications, $from_at, $until_at, $placed_at, $review_on, null
)
